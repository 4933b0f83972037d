-- Full-text search over products. The index has no copy of the texts; triggers keep it up to date.

-- +goose Up
CREATE VIRTUAL TABLE product_search USING fts5 (
    name, description,
    content = 'products', content_rowid = 'id',
    tokenize = "unicode61 remove_diacritics 2"
);

-- +goose StatementBegin
CREATE TRIGGER product_search_insert AFTER INSERT ON products BEGIN
    INSERT INTO product_search (rowid, name, description) VALUES (NEW.id, NEW.name, NEW.description);
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER product_search_delete AFTER DELETE ON products BEGIN
    INSERT INTO product_search (product_search, rowid, name, description)
    VALUES ('delete', OLD.id, OLD.name, OLD.description);
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER product_search_update AFTER UPDATE OF id, name, description ON products BEGIN
    INSERT INTO product_search (product_search, rowid, name, description)
    VALUES ('delete', OLD.id, OLD.name, OLD.description);
    INSERT INTO product_search (rowid, name, description) VALUES (NEW.id, NEW.name, NEW.description);
END;
-- +goose StatementEnd

INSERT INTO product_search (product_search) VALUES ('rebuild');

-- +goose Down
DROP TRIGGER product_search_update;
DROP TRIGGER product_search_delete;
DROP TRIGGER product_search_insert;
DROP TABLE product_search;
