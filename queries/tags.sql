-- name: CreateTag :exec
-- CreateTag creates a tag, unless a tag of that name exists.
INSERT INTO tags (name) VALUES (sqlc.arg(name))
ON CONFLICT (name) DO NOTHING;

-- name: TagBookmark :execrows
-- TagBookmark gives a bookmark an existing tag. The count is 0 if it already had the tag.
INSERT OR IGNORE INTO bookmark_tags (bookmark_id, tag_id)
SELECT b.id, t.id
FROM bookmarks AS b, tags AS t
WHERE b.id = sqlc.arg(bookmark_id) AND t.name = sqlc.arg(name);

-- name: UntagBookmark :execrows
-- UntagBookmark removes a tag from a bookmark. The count is 0 if it didn't have the tag.
DELETE FROM bookmark_tags
WHERE bookmark_id = sqlc.arg(bookmark_id)
    AND tag_id = (SELECT t.id FROM tags AS t WHERE t.name = sqlc.arg(name));

-- name: ListTags :many
-- ListTags returns every tag with the number of its bookmarks, the most used first.
-- @sqlc-vet-disable unbounded-many
SELECT sqlc.embed(tags), count(bt.bookmark_id) AS bookmarks
FROM tags
LEFT JOIN bookmark_tags AS bt ON bt.tag_id = tags.id
GROUP BY tags.id
ORDER BY bookmarks DESC, tags.name;

-- name: ListRelatedTags :many
-- ListRelatedTags returns the other tags of bookmarks with a given tag, each with the
-- number of such bookmarks.
-- @sqlc-vet-disable unbounded-many
WITH tagged AS (
    SELECT bt.bookmark_id
    FROM bookmark_tags AS bt
    JOIN tags AS t ON t.id = bt.tag_id
    WHERE t.name = sqlc.arg(name)
)
SELECT other.name, count(*) AS bookmarks
FROM bookmark_tags AS bt
JOIN tags AS other ON other.id = bt.tag_id
WHERE bt.bookmark_id IN (SELECT tagged.bookmark_id FROM tagged)
    AND other.name <> sqlc.arg(name)
GROUP BY other.id
ORDER BY bookmarks DESC, other.name;

-- name: RenameTag :execrows
-- RenameTag gives a tag another name. An existing name is a conflict; see MergeTags.
UPDATE tags SET name = sqlc.arg(new_name)
WHERE name = sqlc.arg(name);

-- name: MergeTags :exec
-- MergeTags adds a tag to all bookmarks of another tag, which DeleteTag can then remove.
INSERT OR IGNORE INTO bookmark_tags (bookmark_id, tag_id)
SELECT bt.bookmark_id, wanted.id
FROM bookmark_tags AS bt
JOIN tags AS had ON had.id = bt.tag_id
JOIN tags AS wanted ON wanted.name = sqlc.arg(into_name)
WHERE had.name = sqlc.arg(name);

-- name: DeleteTag :execrows
-- DeleteTag removes a tag from all bookmarks, and keeps the bookmarks.
DELETE FROM tags
WHERE name = sqlc.arg(name);

-- name: DeleteUnusedTags :execrows
-- DeleteUnusedTags removes the tags without bookmarks.
DELETE FROM tags
WHERE NOT EXISTS (SELECT 1 FROM bookmark_tags AS bt WHERE bt.tag_id = tags.id);

-- name: ImportTags :execrows
-- ImportTags creates the missing tags, for db.BulkExec. A row is a name.
INSERT INTO tags (name)
SELECT CAST(e.value AS TEXT)
FROM json_each(CAST(sqlc.arg(names) AS TEXT)) AS e
WHERE true
ON CONFLICT (name) DO NOTHING;

-- name: ImportBookmarkTags :execrows
-- ImportBookmarkTags adds tags to bookmarks, for db.BulkExec. Both must exist. A row has a
-- bookmark's url and its tags, a list of names. It counts the tags that were added.
INSERT INTO bookmark_tags (bookmark_id, tag_id)
SELECT b.id, t.id
FROM json_each(CAST(sqlc.arg(bookmarks) AS TEXT)) AS e, json_each(e.value, '$.tags') AS tag
JOIN bookmarks AS b ON b.url = CAST(e.value ->> 'url' AS TEXT)
JOIN tags AS t ON t.name = CAST(tag.value AS TEXT)
WHERE true
ON CONFLICT DO NOTHING;
