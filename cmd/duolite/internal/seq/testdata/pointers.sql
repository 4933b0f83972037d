-- name: ListBooks :many
SELECT id, title FROM books WHERE id > sqlc.arg(after) AND title > sqlc.arg(title);
