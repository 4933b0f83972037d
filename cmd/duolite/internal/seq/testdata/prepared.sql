-- name: ListTitles :many
SELECT title FROM books;

-- name: ListTitlesByID :many
SELECT title FROM books WHERE id IN (sqlc.slice(ids));
