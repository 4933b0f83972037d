-- Without times, which drivers read each in their own way: it is the way to SQLite
-- that is measured, and not the parsing of dates.
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
