-- name: GetCover :one
SELECT coalesce(cover, x'') FROM books WHERE id = ?;

-- name: ListAuthors :many
-- ListAuthors returns all authors,
-- by name.
-- @sqlc-vet-disable some-rule
-- dbcheck:allow unbounded-many: there are few
SELECT * FROM authors ORDER BY name;

-- name: ListAuthorNames :many
SELECT name FROM authors
WHERE born > sqlc.arg(born)

ORDER BY name;

-- name: ListBios :many
-- All that is written about authors; "`" is a backtick.
SELECT bio FROM authors WHERE bio <> '`' LIMIT sqlc.arg(yield) OFFSET sqlc.arg(none);

-- name: ListBooks :many
-- ListBooks returns the books of authors.
SELECT books.id, title, cover, facts FROM books
WHERE title LIKE sqlc.arg(title) AND author_id IN (sqlc.slice(authors));

-- name: ListBooksByID :many
SELECT * FROM books WHERE id IN (sqlc.slice(ids));

-- name: ListBooksWithAuthors :many
SELECT sqlc.embed(books), sqlc.embed(authors) FROM books
JOIN authors ON authors.id = books.author_id
WHERE books.id > sqlc.arg(after) AND authors.name > sqlc.arg(name);

-- name: DeleteBooks :many
DELETE FROM books WHERE author_id = ? RETURNING id;

-- name: CountBooks :one
SELECT count(*) FROM books;

-- name: DeleteAuthor :exec
DELETE FROM authors WHERE id = ?;

-- name: ListErrors :many
SELECT title AS err FROM books;

-- name: ListQueries :many
SELECT title AS "query" FROM books WHERE id IN (sqlc.slice(ids));
