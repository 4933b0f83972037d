-- The tables have no times, which each driver parses in its own way: the benchmarks
-- measure access to SQLite, not the parsing of dates.
CREATE TABLE bookmarks (
    id integer PRIMARY KEY,
    url text NOT NULL UNIQUE,
    title text NOT NULL,
    notes text,
    visits integer NOT NULL,
    score real NOT NULL,
    created_at integer NOT NULL
);

CREATE TABLE tags (
    bookmark_id integer NOT NULL,
    name text NOT NULL,
    PRIMARY KEY (bookmark_id, name)
) WITHOUT ROWID;
