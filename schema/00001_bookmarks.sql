-- A bookmark is a page worth finding again. One URL is saved once.
--
-- The declared types datetime, boolean and json tell sqlc and the drivers the Go type
-- of a value. STRICT tables don't accept such types, so this table has CHECKs for the
-- form of every value:
--   datetime   UTC text of fixed width, 2006-01-02 15:04:05.000, which is SQLite's own
--              form and the form of dbtype.Time. It sorts as text, also beside
--              CURRENT_TIMESTAMP.
--   boolean    0 or 1
--   json       an object, as text
-- cmd/marks/text.go repeats the length limits, with better errors.

-- +goose Up
CREATE TABLE bookmarks (
    id          integer  NOT NULL PRIMARY KEY,
    url         text     NOT NULL UNIQUE     CHECK (length(url) BETWEEN 1 AND 8192),
    title       text     NOT NULL DEFAULT '' CHECK (length(title) <= 4096),
    notes       text     NOT NULL DEFAULT '' CHECK (length(notes) <= 65536),
    metadata    json     NOT NULL DEFAULT '{}'
        CHECK (CASE WHEN json_valid(metadata) THEN json_type(metadata) = 'object' ELSE FALSE END),
    archived    boolean  NOT NULL DEFAULT FALSE CHECK (archived IN (0, 1)),
    visit_count integer  NOT NULL DEFAULT 0
        CHECK (typeof(visit_count) = 'integer' AND visit_count >= 0),
    created_at  datetime NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f', 'now'))
        CHECK (created_at IS strftime('%Y-%m-%d %H:%M:%f', created_at)),
    updated_at  datetime NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f', 'now'))
        CHECK (updated_at IS strftime('%Y-%m-%d %H:%M:%f', updated_at)),
    visited_at  datetime
        CHECK (visited_at IS strftime('%Y-%m-%d %H:%M:%f', visited_at))
);

-- Pages are newest first. The id breaks ties, so that a page boundary is exact.
CREATE INDEX bookmarks_by_created ON bookmarks (created_at DESC, id DESC);

-- For lists of the few archived rows.
CREATE INDEX bookmarks_archived ON bookmarks (created_at DESC, id DESC) WHERE archived;

-- +goose Down
DROP TABLE bookmarks;
