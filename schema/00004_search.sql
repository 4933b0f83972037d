-- Full-text search over bookmarks. The index contains no copy of the text: it reads
-- the bookmarks table, and triggers update it after every change. To remove a row,
-- FTS5 needs exactly the text that was indexed, hence the OLD values.

-- +goose Up
CREATE VIRTUAL TABLE bookmarks_fts USING fts5 (
    title, notes, url,
    content = 'bookmarks', content_rowid = 'id',
    tokenize = "unicode61 remove_diacritics 2",
    prefix = '2 3'
);

-- +goose StatementBegin
CREATE TRIGGER bookmarks_fts_insert AFTER INSERT ON bookmarks BEGIN
    INSERT INTO bookmarks_fts (rowid, title, notes, url)
    VALUES (NEW.id, NEW.title, NEW.notes, NEW.url);
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER bookmarks_fts_delete AFTER DELETE ON bookmarks BEGIN
    INSERT INTO bookmarks_fts (bookmarks_fts, rowid, title, notes, url)
    VALUES ('delete', OLD.id, OLD.title, OLD.notes, OLD.url);
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER bookmarks_fts_update AFTER UPDATE OF id, title, notes, url ON bookmarks BEGIN
    INSERT INTO bookmarks_fts (bookmarks_fts, rowid, title, notes, url)
    VALUES ('delete', OLD.id, OLD.title, OLD.notes, OLD.url);
    INSERT INTO bookmarks_fts (rowid, title, notes, url)
    VALUES (NEW.id, NEW.title, NEW.notes, NEW.url);
END;
-- +goose StatementEnd

INSERT INTO bookmarks_fts (bookmarks_fts) VALUES ('rebuild');

-- +goose Down
DROP TRIGGER bookmarks_fts_update;
DROP TRIGGER bookmarks_fts_delete;
DROP TRIGGER bookmarks_fts_insert;
DROP TABLE bookmarks_fts;
