-- name: CreateNote :one
-- CreateNote stores a note.
INSERT INTO notes (body) VALUES (sqlc.arg(body)) RETURNING *;

-- name: ListNotes :many
-- ListNotes returns the newest notes, the newest first.
SELECT * FROM notes ORDER BY id DESC LIMIT sqlc.arg(page_size);

-- name: DeleteNote :execrows
-- DeleteNote deletes a note. It returns 0 if there is none with the id.
DELETE FROM notes WHERE id = sqlc.arg(id);
