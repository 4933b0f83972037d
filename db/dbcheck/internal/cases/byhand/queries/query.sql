-- name: Swapped :exec
UPDATE users SET name = @new_name WHERE name = @name;

-- name: SwappedPlain :exec
UPDATE users SET name = ? WHERE id = ?;

-- name: Unused :exec
DELETE FROM users WHERE id = @id OR name = @name;

-- name: Doubled :exec
DELETE FROM kv WHERE k = @k AND v = @v;

-- name: TooMany :exec
DELETE FROM users WHERE id = @id;

-- name: Constant :exec
DELETE FROM users WHERE id = @id AND name = @name;

-- name: NilBecomesZero :exec
UPDATE posts SET score = sqlc.narg(score) WHERE id = @id;

-- name: Backwards :many
SELECT id FROM users WHERE id IN (sqlc.slice(ids));

-- name: TwoOnly :many
SELECT id FROM users WHERE id IN (sqlc.slice(ids));

-- name: ColumnsSwapped :many
SELECT title, status FROM posts;

-- name: ColumnMissing :many
SELECT id, title, status FROM posts;

-- name: OtherLimit :many
SELECT id FROM posts LIMIT 100;

-- name: OtherCondition :many
SELECT id FROM posts WHERE views > @views;

-- name: Twice :exec
DELETE FROM users WHERE id = @id;

-- name: Panics :exec
DELETE FROM users WHERE id = @id;

-- name: Sealed :exec
DELETE FROM users WHERE name = @name;

-- name: New :exec
DELETE FROM users;

-- name: Walk :many
SELECT id FROM posts WHERE status = @status AND title = @title;

-- name: RenamedSwapped :exec
DELETE FROM kv WHERE k = @k AND v = @v;
