-- name: LineInString :exec
UPDATE posts SET title = 'a
-- b
c' WHERE id = sqlc.arg(id);

-- name: HashInString :exec
UPDATE posts SET title = '
# Heading
' WHERE id = sqlc.arg(id);

-- name: LineBetweenComments :many
SELECT id FROM posts WHERE views > 1
/* only */ AND status = 'live' /* those */
ORDER BY id;

-- name: UnknownFunction :many
SELECT id FROM posts WHERE title REGEXP sqlc.arg(pattern);

-- name: SkippedPragma :exec
PRAGMA optimize;

-- name: SkippedIndex :exec
CREATE INDEX posts_by_status ON posts (status);

  -- name: IndentedName :many
SELECT id FROM posts;
