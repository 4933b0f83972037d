-- datetime is a dbtype.Time in Go, timestamp and date are a time.Time.
CREATE TABLE accounts (
    id         INTEGER PRIMARY KEY,
    name       TEXT NOT NULL UNIQUE,
    created_at datetime NOT NULL DEFAULT CURRENT_TIMESTAMP,
    seen_at    datetime
);

CREATE TABLE logs (
    id   INTEGER PRIMARY KEY,
    at   timestamp NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f', 'now')),
    text TEXT NOT NULL
);

CREATE TABLE feeds (
    id      INTEGER PRIMARY KEY,
    fetched timestamp DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now')),
    url     TEXT NOT NULL
);

CREATE TABLE invoices (
    id  INTEGER PRIMARY KEY,
    day date NOT NULL DEFAULT CURRENT_DATE
);

CREATE TABLE tasks (
    id    INTEGER PRIMARY KEY,
    due   date NOT NULL,
    start timestamp NOT NULL,
    title TEXT NOT NULL
);

CREATE TABLE pages (
    id         INTEGER PRIMARY KEY,
    body       TEXT NOT NULL,
    changed_at datetime
);

CREATE TRIGGER pages_changed AFTER UPDATE OF body ON pages BEGIN
    UPDATE pages SET changed_at = datetime('now') WHERE id = new.id;
END;

-- These are right: each has one form.
CREATE TABLE seconds (
    id INTEGER PRIMARY KEY,
    at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE millis (
    id INTEGER PRIMARY KEY,
    at datetime NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f', 'now'))
);

CREATE TABLE given (
    id INTEGER PRIMARY KEY,
    at datetime NOT NULL DEFAULT CURRENT_TIMESTAMP
);
