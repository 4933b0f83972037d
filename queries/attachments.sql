-- name: SaveAttachment :one
-- SaveAttachment stores a file with a bookmark. It replaces a file of the same name.
INSERT INTO attachments (bookmark_id, name, mime_type, data, created_at)
VALUES (
    sqlc.arg(bookmark_id), sqlc.arg(name), sqlc.arg(mime_type), sqlc.arg(data),
    sqlc.arg(created_at)
)
ON CONFLICT (bookmark_id, name) DO UPDATE SET
    mime_type = excluded.mime_type,
    data = excluded.data,
    created_at = excluded.created_at
RETURNING id, bookmark_id, name, mime_type, size, created_at;

-- name: ImportAttachment :execrows
-- ImportAttachment stores a file with the bookmark of a URL. It replaces a file of the same
-- name. The count is 0 if there is no such bookmark.
INSERT INTO attachments (bookmark_id, name, mime_type, data, created_at)
SELECT b.id, sqlc.arg(name), sqlc.arg(mime_type), sqlc.arg(data), sqlc.arg(created_at)
FROM bookmarks AS b
WHERE b.url = sqlc.arg(url)
ON CONFLICT (bookmark_id, name) DO UPDATE SET
    mime_type = excluded.mime_type,
    data = excluded.data,
    created_at = excluded.created_at;

-- name: GetAttachment :one
-- GetAttachment returns a file of a bookmark.
SELECT * FROM attachments
WHERE bookmark_id = sqlc.arg(bookmark_id) AND name = sqlc.arg(name);

-- name: ListAttachments :many
-- ListAttachments returns the files of a bookmark, without the data.
-- @sqlc-vet-disable unbounded-many
SELECT id, bookmark_id, name, mime_type, size, created_at FROM attachments
WHERE bookmark_id = sqlc.arg(bookmark_id)
ORDER BY name;

-- name: ListLargestAttachments :many
-- ListLargestAttachments returns the largest files, with their bookmarks.
SELECT sqlc.embed(bookmarks), a.name, a.mime_type, a.size
FROM attachments AS a
JOIN bookmarks ON bookmarks.id = a.bookmark_id
ORDER BY a.size DESC, a.id
LIMIT sqlc.arg(page_size);

-- name: ExportAttachments :many
-- ExportAttachments returns the files of a page of ExportBookmarks, without the data.
-- @sqlc-vet-disable unbounded-many
SELECT a.bookmark_id, a.name, a.size
FROM attachments AS a
WHERE a.bookmark_id IN (
    SELECT b.id FROM bookmarks AS b
    WHERE b.id > sqlc.arg(after_id)
    ORDER BY b.id
    LIMIT sqlc.arg(page_size)
)
ORDER BY a.bookmark_id, a.name;

-- name: DeleteAttachment :execrows
-- DeleteAttachment removes a file from a bookmark.
DELETE FROM attachments
WHERE bookmark_id = sqlc.arg(bookmark_id) AND name = sqlc.arg(name);
