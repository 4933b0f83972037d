-- name: CutOff :many
-- sqlc 1.31 cuts off a byte for each: é é
SELECT id FROM posts LIMIT 100;
