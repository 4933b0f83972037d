-- name: GetBookmark :one
SELECT * FROM bookmarks
WHERE id = sqlc.arg(id);

-- name: AddBookmark :exec
INSERT INTO bookmarks (url, title, notes, visits, score, created_at)
VALUES (
    sqlc.arg(url), sqlc.arg(title), sqlc.arg(notes),
    sqlc.arg(visits), sqlc.arg(score), sqlc.arg(created_at)
);

-- name: ListBookmarks :many
SELECT * FROM bookmarks
ORDER BY id
LIMIT sqlc.arg(page_size);

-- name: ListTagged :many
SELECT b.id, b.url, b.title, t.name AS tag
FROM bookmarks AS b
JOIN tags AS t ON t.bookmark_id = b.id
WHERE b.id >= sqlc.arg(first_id)
ORDER BY b.id
LIMIT sqlc.arg(page_size);

-- name: VisitBookmark :exec
UPDATE bookmarks SET visits = visits + 1
WHERE id = sqlc.arg(id);

-- name: ImportBookmarks :execrows
INSERT INTO bookmarks (url, title, notes, visits, score, created_at)
SELECT
    CAST(e.value ->> 'url' AS text),
    CAST(e.value ->> 'title' AS text),
    e.value ->> 'notes',
    CAST(e.value ->> 'visits' AS integer),
    CAST(e.value ->> 'score' AS real),
    CAST(e.value ->> 'created_at' AS integer)
FROM json_each(CAST(sqlc.arg(payload) AS text)) AS e;
