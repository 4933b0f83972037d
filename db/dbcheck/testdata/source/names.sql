-- S16: what is generated of these doesn't compile.

-- name: A :many
SELECT id FROM posts WHERE title = sqlc.arg(rows);

-- name: B :one
SELECT id FROM posts WHERE title = @err;

-- name: C :many
SELECT id FROM posts WHERE id IN (sqlc.slice(query));

-- name: D :many
SELECT title AS items FROM posts;

-- name: E :execrows
DELETE FROM posts WHERE title = @result;

-- name: F :many
SELECT id FROM posts WHERE id > sqlc.arg('int64');

-- name: WithTx :many
SELECT id FROM posts;

-- This compiles, and sends the argument as SQL.
-- name: Status :many
SELECT id FROM posts WHERE status = ?;

-- name: Fine :many
SELECT id, title AS items FROM posts WHERE title = @rows AND status = @err;

-- name: Ctx :exec
DELETE FROM posts WHERE title = @title AND id = @ctx;

-- name: Q :many
SELECT id FROM posts;

-- name: Arg :many
SELECT id FROM posts WHERE id = sqlc.arg(id) AND title = sqlc.arg(title);
