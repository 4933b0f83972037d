-- +goose Up
CREATE TABLE accounts (
    id         integer  NOT NULL PRIMARY KEY,
    key        text     NOT NULL UNIQUE,
    settings   json     NOT NULL,
    extra      json,
    details    json     NOT NULL,
    created_at datetime NOT NULL,
    seen_at    datetime
);
CREATE TABLE events (
    id         INTEGER NOT NULL PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES accounts (id),
    at         TEXT    NOT NULL,
    seen_at    TEXT,
    handled    INTEGER NOT NULL
) STRICT;
CREATE TABLE vectors (
    id        integer       NOT NULL PRIMARY KEY,
    embedding f32_blob(384) NOT NULL,
    other     f32_blob(384)
);
-- +goose Down
DROP TABLE vectors;
DROP TABLE events;
DROP TABLE accounts;
