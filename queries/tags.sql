-- name: CreateTag :exec
-- CreateTag makes a tag, unless there is one of that name.
INSERT INTO tags (name) VALUES (sqlc.arg(name))
ON CONFLICT (name) DO NOTHING;

-- name: TagBookmark :execrows
-- TagBookmark gives a bookmark a tag that exists; the count is 0 if it had it.
INSERT OR IGNORE INTO bookmark_tags (bookmark_id, tag_id)
SELECT b.id, t.id
FROM bookmarks AS b, tags AS t
WHERE b.id = sqlc.arg(bookmark_id) AND t.name = sqlc.arg(name);

-- name: UntagBookmark :execrows
-- UntagBookmark takes a tag off a bookmark; the count is 0 if it hadn't got it.
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
-- ListRelatedTags returns the tags that bookmarks with a given tag have besides, and
-- how many of these do.
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
-- RenameTag gives a tag another name. A name that is taken is a conflict: MergeTags.
UPDATE tags SET name = sqlc.arg(new_name)
WHERE name = sqlc.arg(name);

-- name: MergeTags :exec
-- MergeTags gives all bookmarks of one tag another as well; DeleteTag then removes the first.
INSERT OR IGNORE INTO bookmark_tags (bookmark_id, tag_id)
SELECT bt.bookmark_id, wanted.id
FROM bookmark_tags AS bt
JOIN tags AS had ON had.id = bt.tag_id
JOIN tags AS wanted ON wanted.name = sqlc.arg(into_name)
WHERE had.name = sqlc.arg(name);

-- name: DeleteTag :execrows
-- DeleteTag removes a tag from all bookmarks; the bookmarks stay.
DELETE FROM tags
WHERE name = sqlc.arg(name);

-- name: DeleteUnusedTags :execrows
-- DeleteUnusedTags removes the tags that no bookmark has.
DELETE FROM tags
WHERE NOT EXISTS (SELECT 1 FROM bookmark_tags AS bt WHERE bt.tag_id = tags.id);

-- name: ImportTags :execrows
-- ImportTags makes the tags that there aren't, for db.BulkExec. A row is a name.
INSERT INTO tags (name)
SELECT CAST(e.value AS TEXT)
FROM json_each(CAST(sqlc.arg(names) AS TEXT)) AS e
WHERE true
ON CONFLICT (name) DO NOTHING;

-- name: ImportBookmarkTags :execrows
-- ImportBookmarkTags gives bookmarks tags, for db.BulkExec; both exist by then. A row is
-- a bookmark's url with its tags, a list of names. It counts the tags that a bookmark
-- hadn't got.
INSERT INTO bookmark_tags (bookmark_id, tag_id)
SELECT b.id, t.id
FROM json_each(CAST(sqlc.arg(bookmarks) AS TEXT)) AS e, json_each(e.value, '$.tags') AS tag
JOIN bookmarks AS b ON b.url = CAST(e.value ->> 'url' AS TEXT)
JOIN tags AS t ON t.name = CAST(tag.value AS TEXT)
WHERE true
ON CONFLICT DO NOTHING;
