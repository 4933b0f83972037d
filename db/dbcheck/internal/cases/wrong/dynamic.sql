-- name: DynamicSorts :many
SELECT /* db:dynamic */ id FROM events WHERE (day = sqlc.narg(day) OR sqlc.narg(day) IS NULL) ORDER BY at LIMIT 5;

-- name: DynamicNothing :many
SELECT /* db:dynamic */ id FROM events WHERE day = sqlc.arg(day);

-- name: DynamicLost :many
-- db:dynamic
SELECT id FROM events WHERE day = sqlc.narg(day) OR sqlc.narg(day) IS NULL;

-- name: DynamicInsert :exec
INSERT INTO events (day, at, tags)
SELECT /* db:dynamic */ e.day, e.at, e.tags FROM events AS e WHERE (e.day = sqlc.narg(day) OR sqlc.narg(day) IS NULL) AND e.id < 0;

-- name: DynamicNeverNull :many
SELECT /* db:dynamic */ id FROM events WHERE (day = sqlc.arg(day) OR sqlc.arg(day) IS NULL) ORDER BY id;
