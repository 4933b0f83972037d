-- name: CharactersOutsideASCII :many
SELECT id FROM posts WHERE title <> 'e' LIMIT 100; -- é, behind the query, where sqlc cuts nothing off
