-- name: CreateBookmark :one
-- CreateBookmark saves a new bookmark. An existing URL is a conflict.
INSERT INTO bookmarks (url, title, notes, metadata, created_at, updated_at)
VALUES (
    sqlc.arg(url), sqlc.arg(title), sqlc.arg(notes), sqlc.arg(metadata),
    sqlc.arg(created_at), sqlc.arg(created_at)
)
RETURNING *;

-- name: CreateBookmarks :many
-- CreateBookmarks saves many new bookmarks at once, for db.BulkQuery. A row is a
-- CreateBookmarkParams. An existing URL is a conflict.
INSERT INTO bookmarks (url, title, notes, metadata, created_at, updated_at)
SELECT
    CAST(e.value ->> 'url' AS TEXT),
    CAST(e.value ->> 'title' AS TEXT),
    CAST(e.value ->> 'notes' AS TEXT),
    e.value ->> 'metadata',
    e.value ->> 'created_at',
    e.value ->> 'created_at'
FROM json_each(CAST(sqlc.arg(bookmarks) AS TEXT)) AS e
RETURNING *;

-- name: UpsertBookmark :one
-- UpsertBookmark saves a bookmark. If its URL exists, it replaces the title and notes.
INSERT INTO bookmarks (url, title, notes)
VALUES (sqlc.arg(url), sqlc.arg(title), sqlc.arg(notes))
ON CONFLICT (url) DO UPDATE SET
    title = excluded.title,
    notes = excluded.notes,
    updated_at = strftime('%Y-%m-%d %H:%M:%f', 'now')
RETURNING *;

-- name: GetBookmark :one
-- GetBookmark returns the bookmark with that id, with its tags.
SELECT * FROM tagged_bookmarks
WHERE id = sqlc.arg(id);

-- name: GetBookmarkByURL :one
-- GetBookmarkByURL returns the bookmark with exactly that URL, with its tags.
SELECT * FROM tagged_bookmarks
WHERE url = sqlc.arg(url);

-- name: GetBookmarks :many
-- GetBookmarks returns the existing bookmarks among the ids, in order. The engine limits
-- the number of ids to 32,766.
SELECT * FROM bookmarks
WHERE id IN (sqlc.slice(ids))
ORDER BY id;

-- name: ListBookmarks :many
-- ListBookmarks returns a page of bookmarks, newest first. A nil filter is ignored. Tags
-- is a JSON array of distinct names; a bookmark must have all of them. The next page begins
-- after (CreatedBefore, IDBefore), the last row of the page before. Sort puts another order
-- before this one, by title, visits or updated, which has no next pages.
-- db:dynamic
SELECT * FROM tagged_bookmarks AS b
WHERE
    (sqlc.narg(created_before) IS NULL OR b.created_at <= sqlc.narg(created_before))
    AND (
        sqlc.narg(created_before) IS NULL OR b.created_at < sqlc.narg(created_before)
        OR b.id < sqlc.narg(id_before)
    )
    -- A condition b.archived uses the index of archived rows.
    AND (
        sqlc.narg(archived) IS NULL
        OR CASE WHEN sqlc.narg(archived) THEN b.archived ELSE NOT b.archived END
    )
    AND (sqlc.narg(added_since) IS NULL OR b.created_at >= sqlc.narg(added_since))
    AND (
        sqlc.arg(tags) = '[]'
        OR (
            SELECT count(*)
            FROM bookmark_tags AS bt
            JOIN tags AS t ON t.id = bt.tag_id
            WHERE bt.bookmark_id = b.id
                AND t.name IN (SELECT wanted.value FROM json_each(CAST(sqlc.arg(tags) AS TEXT)) AS wanted)
        ) = json_array_length(CAST(sqlc.arg(tags) AS TEXT))
    )
ORDER BY
    CASE WHEN sqlc.arg(sort) = 'title' THEN lower(b.title) END,
    CASE WHEN sqlc.arg(sort) = 'visits' THEN b.visit_count END DESC,
    CASE WHEN sqlc.arg(sort) = 'updated' THEN b.updated_at END DESC,
    b.created_at DESC, b.id DESC
LIMIT sqlc.arg(page_size);

-- name: ExportBookmarks :many
-- ExportBookmarks returns a page of bookmarks after an id, in the order of ids, to read
-- all bookmarks.
SELECT * FROM tagged_bookmarks
WHERE id > sqlc.arg(after_id)
ORDER BY id
LIMIT sqlc.arg(page_size);

-- name: CountBookmarks :one
-- CountBookmarks returns the number of bookmarks, including archived ones.
SELECT count(*) FROM bookmarks;

-- name: PatchBookmark :one
-- PatchBookmark changes the fields that aren't nil. Metadata is a JSON merge patch (RFC
-- 7396): an object whose values replace those of the same name, and remove them if null.
UPDATE bookmarks SET
    url = coalesce(sqlc.narg(url), url),
    title = coalesce(sqlc.narg(title), title),
    notes = coalesce(sqlc.narg(notes), notes),
    metadata = coalesce(json_patch(metadata, CAST(sqlc.narg(metadata) AS TEXT)), metadata),
    updated_at = sqlc.arg(updated_at)
WHERE id = sqlc.arg(id)
RETURNING *;

-- name: ArchiveBookmarks :execrows
-- ArchiveBookmarks archives or restores bookmarks. It returns the number of bookmarks
-- that exist.
UPDATE bookmarks SET
    archived = sqlc.arg(archived),
    updated_at = sqlc.arg(updated_at)
WHERE id IN (sqlc.slice(ids));

-- name: VisitBookmark :one
-- VisitBookmark counts a visit and returns the URL.
UPDATE bookmarks SET
    visit_count = visit_count + 1,
    visited_at = sqlc.arg(visited_at)
WHERE id = sqlc.arg(id)
RETURNING url;

-- name: DeleteBookmarks :many
-- DeleteBookmarks removes bookmarks and their attachments, and returns the removed ones.
DELETE FROM bookmarks
WHERE id IN (sqlc.slice(ids))
RETURNING id, url;

-- name: SetBookmarkMetadata :execrows
-- SetBookmarkMetadata writes one value at a path such as $.author; Value is JSON.
UPDATE bookmarks SET
    metadata = json_set(metadata, CAST(sqlc.arg(path) AS TEXT), json(CAST(sqlc.arg(value) AS TEXT))),
    updated_at = sqlc.arg(updated_at)
WHERE id = sqlc.arg(id);

-- name: RemoveBookmarkMetadata :execrows
-- RemoveBookmarkMetadata removes the value at a path such as $.author.
UPDATE bookmarks SET
    metadata = json_remove(metadata, CAST(sqlc.arg(path) AS TEXT)),
    updated_at = sqlc.arg(updated_at)
WHERE id = sqlc.arg(id);

-- name: ListBookmarksByMetadata :many
-- ListBookmarksByMetadata returns the bookmarks whose metadata has the given text, or a
-- number that is written so, at a path such as $.author.
SELECT * FROM bookmarks
WHERE metadata ->> CAST(sqlc.arg(path) AS TEXT) = CAST(sqlc.arg(value) AS TEXT)
ORDER BY id
LIMIT sqlc.arg(page_size);

-- name: ImportBookmarks :execrows
-- ImportBookmarks saves many bookmarks at once, for db.BulkExec, and counts the new and
-- the changed ones. A row is a Bookmark, whose id is ignored. If the URL exists, the
-- bookmark is merged and loses nothing: a title and notes that aren't empty replace the
-- old ones, metadata is merged, an archived bookmark stays archived, the higher count and
-- the later visit are kept, and created_at doesn't change.
INSERT INTO bookmarks (
    url, title, notes, metadata, archived, visit_count, created_at, updated_at, visited_at
)
SELECT
    CAST(e.value ->> 'url' AS TEXT),
    CAST(e.value ->> 'title' AS TEXT),
    CAST(e.value ->> 'notes' AS TEXT),
    json(e.value ->> 'metadata'),
    e.value ->> 'archived',
    e.value ->> 'visit_count',
    e.value ->> 'created_at',
    e.value ->> 'updated_at',
    e.value ->> 'visited_at'
FROM json_each(CAST(sqlc.arg(bookmarks) AS TEXT)) AS e
WHERE true
ON CONFLICT (url) DO UPDATE SET
    title = CASE WHEN excluded.title = '' THEN title ELSE excluded.title END,
    notes = CASE WHEN excluded.notes = '' THEN notes ELSE excluded.notes END,
    metadata = json_patch(metadata, excluded.metadata),
    archived = max(archived, excluded.archived),
    visit_count = max(visit_count, excluded.visit_count),
    visited_at = coalesce(max(visited_at, excluded.visited_at), visited_at, excluded.visited_at),
    updated_at = strftime('%Y-%m-%d %H:%M:%f', 'now')
WHERE
    (excluded.title <> '' AND excluded.title <> title)
    OR (excluded.notes <> '' AND excluded.notes <> notes)
    OR json_patch(metadata, excluded.metadata) <> metadata
    OR excluded.archived > archived
    OR excluded.visit_count > visit_count
    OR excluded.visited_at > coalesce(visited_at, '');
