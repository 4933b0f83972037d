-- name: DynamicSorts :many
SELECT /* db:dynamic */ id FROM events WHERE (day = sqlc.narg(day) OR sqlc.narg(day) IS NULL) ORDER BY at LIMIT 5;

-- name: DynamicNothing :many
SELECT /* db:dynamic */ id FROM events WHERE day = sqlc.arg(day);

-- name: DynamicLost :many
-- db:dynamic
SELECT id FROM events WHERE day = sqlc.narg(day) OR sqlc.narg(day) IS NULL;
