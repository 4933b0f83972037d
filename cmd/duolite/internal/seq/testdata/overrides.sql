-- name: ListNames :many
SELECT name FROM books JOIN authors ON authors.id = books.author_id
WHERE facts = sqlc.arg(facts) AND born > sqlc.arg(born) LIMIT sqlc.arg(yield) OFFSET sqlc.arg(none);
