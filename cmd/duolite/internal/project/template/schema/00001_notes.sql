-- +goose Up
CREATE TABLE notes (
    id         integer  NOT NULL PRIMARY KEY,
    body       text     NOT NULL CHECK (length(body) BETWEEN 1 AND 1000),
    created_at datetime NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f', 'now'))
);

-- +goose Down
DROP TABLE notes;
