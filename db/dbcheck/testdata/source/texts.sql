-- name: Accent :many
SELECT id FROM posts WHERE title = 'née' LIMIT 100;

-- an em dash — here
-- name: Quoted :exec
UPDATE posts SET title = 'a
-- b' WHERE id = @id;

-- name: Between :many
SELECT id FROM posts
/* a */ WHERE status = 'live' /* b */
/* and a comment alone */
LIMIT 10;

-- name: NoSemicolon :many
SELECT id FROM posts

-- name: Next :many
SELECT id FROM kv;

  -- name: Indented :many
SELECT id FROM posts;

DELETE FROM posts;

-- name: Optimize :exec
PRAGMA optimize;
