-- name: SearchBookmarks :many
-- SearchBookmarks returns the bookmarks that match an FTS5 query, the best first. A word
-- counts most in the title, less in the notes, and least in the URL. Matches are enclosed
-- in the characters U+0002 and U+0003. Tags is a JSON array of distinct names; a bookmark
-- must have all of them.
SELECT
    b.id, b.url, b.archived, b.created_at, b.tags,
    CAST(highlight(bookmarks_fts, 0, char(2), char(3)) AS TEXT) AS title,
    CAST(snippet(bookmarks_fts, 1, char(2), char(3), '...', 16) AS TEXT) AS notes,
    CAST(bm25(bookmarks_fts, 10.0, 4.0, 1.0) AS REAL) AS score
FROM bookmarks_fts
JOIN tagged_bookmarks AS b ON b.id = bookmarks_fts.rowid
WHERE bookmarks_fts MATCH CAST(sqlc.arg(query) AS TEXT)
    AND (b.archived = sqlc.narg(archived) OR sqlc.narg(archived) IS NULL)
    AND (
        SELECT count(*)
        FROM bookmark_tags AS bt
        JOIN tags AS t ON t.id = bt.tag_id
        WHERE bt.bookmark_id = b.id
            AND t.name IN (SELECT wanted.value FROM json_each(CAST(sqlc.arg(tags) AS TEXT)) AS wanted)
    ) = json_array_length(CAST(sqlc.arg(tags) AS TEXT))
ORDER BY score, b.id
LIMIT sqlc.arg(page_size);

-- name: CheckSearchIndex :exec
-- CheckSearchIndex fails if the search index doesn't match the bookmarks.
INSERT INTO bookmarks_fts (bookmarks_fts, rank) VALUES ('integrity-check', 1);

-- name: OptimizeSearchIndex :exec
-- OptimizeSearchIndex merges the parts of the search index into one. Use it after a large
-- import.
INSERT INTO bookmarks_fts (bookmarks_fts) VALUES ('optimize');
