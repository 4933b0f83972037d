-- name: Find :many
SELECT id FROM posts WHERE status = @status AND title = @title;

-- name: FindAny :many
SELECT id FROM posts WHERE status = @status AND id IN (sqlc.slice(ids));
