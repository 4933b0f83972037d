-- Parameters that sqlc leaves in the text, whatever sqlc.yaml says.

-- name: OrderBy :many
SELECT id FROM posts ORDER BY CASE WHEN @sort = 'title' THEN title END, id;

-- name: Having :many
SELECT user_id FROM posts GROUP BY user_id HAVING count(*) > @n;

-- name: Filter :one
SELECT count(*) FILTER (WHERE status = sqlc.arg(status)) AS n FROM posts;

-- name: Conflict :exec
INSERT INTO kv (k, v, ver) VALUES (@k, @v, @ver) ON CONFLICT (k) DO UPDATE SET v = @v2 WHERE ver < @most;

-- name: SetRow :exec
UPDATE posts SET (title, status) = (@title, @status) WHERE id = @id;

-- name: Escape :many
SELECT id FROM posts WHERE title LIKE @pattern ESCAPE @escape;

-- name: Fine :many
SELECT id, title AS sort_key FROM posts WHERE views > @v GROUP BY id HAVING count(*) > @n ORDER BY sort_key LIMIT @n OFFSET @skip;

-- name: Allowed :many
-- dbcheck:allow dropped-parameter: to show how
SELECT id FROM posts ORDER BY id = @id;

-- name: NoSuchRule :many
-- dbcheck:allow everything: why not
SELECT id FROM posts LIMIT 1;

-- name: NoReason :many
-- dbcheck:allow null-result
SELECT id FROM posts LIMIT 1;
