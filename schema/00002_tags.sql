-- A tag is a word that groups bookmarks. A bookmark has any number of tags.

-- +goose Up
CREATE TABLE tags (
    id   INTEGER NOT NULL PRIMARY KEY,
    -- 'Go' and 'go' are the same tag, with the spelling of its first use.
    name TEXT    NOT NULL UNIQUE COLLATE NOCASE
        CHECK (length(name) BETWEEN 1 AND 100 AND name = trim(name))
) STRICT;

CREATE TABLE bookmark_tags (
    bookmark_id INTEGER NOT NULL REFERENCES bookmarks (id) ON DELETE CASCADE,
    tag_id      INTEGER NOT NULL REFERENCES tags (id) ON DELETE CASCADE,
    PRIMARY KEY (bookmark_id, tag_id)
) STRICT, WITHOUT ROWID;

-- The primary key finds the tags of a bookmark; this index finds the bookmarks of a tag.
CREATE INDEX bookmark_tags_by_tag ON bookmark_tags (tag_id, bookmark_id);

-- Bookmarks with their tags, a sorted JSON array of names.
CREATE VIEW tagged_bookmarks AS
SELECT
    b.id, b.url, b.title, b.notes, b.metadata, b.archived, b.visit_count,
    b.created_at, b.updated_at, b.visited_at,
    CAST((
        SELECT json_group_array(named.name)
        FROM (
            SELECT t.name
            FROM bookmark_tags AS bt
            JOIN tags AS t ON t.id = bt.tag_id
            WHERE bt.bookmark_id = b.id
            ORDER BY t.name
        ) AS named
    ) AS TEXT) AS tags
FROM bookmarks AS b;

-- +goose Down
DROP VIEW tagged_bookmarks;
DROP TABLE bookmark_tags;
DROP TABLE tags;
