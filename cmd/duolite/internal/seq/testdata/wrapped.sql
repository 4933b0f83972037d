-- name: ListErrors :many
SELECT name AS err FROM authors WHERE born > ?;
