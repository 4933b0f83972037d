-- name: ListAuthors :many
-- ListAuthors returns all authors,
-- by name.
-- @sqlc-vet-disable some-rule
-- dbcheck:allow unbounded-many: there are few
SELECT * FROM authors ORDER BY name;

-- name: ListBooks :many
-- The books of authors.
SELECT sqlc.embed(books), authors.name FROM books JOIN authors ON authors.id = books.author_id
WHERE books.id > sqlc.arg(after) AND author_id IN (sqlc.slice(authors));

-- name: ListQueries :many
SELECT title AS "query" FROM books WHERE id IN (sqlc.slice(ids));

-- name: DeleteBooks :many
DELETE FROM books WHERE author_id = ? RETURNING title;

-- name: CountBooks :one
SELECT count(*) FROM books;

-- name: DeleteAuthor :exec
DELETE FROM authors WHERE id = ?;
