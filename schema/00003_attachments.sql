-- An attachment is a file of a bookmark, such as a paper or a screenshot.

-- +goose Up
CREATE TABLE attachments (
    id          integer  NOT NULL PRIMARY KEY,
    bookmark_id integer  NOT NULL REFERENCES bookmarks (id) ON DELETE CASCADE,
    name        text     NOT NULL CHECK (length(name) BETWEEN 1 AND 255),
    mime_type   text     NOT NULL CHECK (mime_type LIKE '%_/_%'),
    data        blob     NOT NULL CHECK (typeof(data) = 'blob'),
    -- Computed, so that it always matches the data; stored, so that a list of
    -- attachments doesn't read the data.
    size        integer  NOT NULL GENERATED ALWAYS AS (length(data)) STORED,
    created_at  datetime NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f', 'now'))
        CHECK (created_at IS strftime('%Y-%m-%d %H:%M:%f', created_at)),
    UNIQUE (bookmark_id, name)
);

-- +goose Down
DROP TABLE attachments;
