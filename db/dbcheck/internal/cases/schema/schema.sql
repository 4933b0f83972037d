CREATE TABLE users (
    id      INTEGER PRIMARY KEY,
    name    TEXT NOT NULL,
    profile JSON
);

CREATE TABLE posts (
    id         INTEGER PRIMARY KEY,
    user_id    INTEGER NOT NULL,
    title      TEXT NOT NULL,
    status     TEXT NOT NULL,
    views      INTEGER NOT NULL,
    score      REAL,
    created_at DATETIME NOT NULL,
    settings   JSON NOT NULL DEFAULT '{}',
    note       TEXT
);

CREATE TABLE notes (
    id      INTEGER PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users (id),
    body    TEXT NOT NULL
);

CREATE TABLE kv (
    k   TEXT PRIMARY KEY,
    v   TEXT NOT NULL,
    ver INTEGER NOT NULL
);

CREATE TABLE events (
    id   INTEGER PRIMARY KEY,
    day  TEXT NOT NULL,
    at   INTEGER NOT NULL,
    tags TEXT NOT NULL
);

CREATE TABLE flags (
    id INTEGER PRIMARY KEY,
    on_off BOOLEAN NOT NULL
);

CREATE INDEX events_day ON events (day);
CREATE INDEX events_at ON events (at);

CREATE TABLE labels (
    id    TEXT PRIMARY KEY,
    owner UUID NOT NULL,
    hot   INTEGER NOT NULL,
    share REAL NOT NULL
);

CREATE TABLE jobs (
    id    INTEGER PRIMARY KEY,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'running', 'done')),
    note  TEXT
);
