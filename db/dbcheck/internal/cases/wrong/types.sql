-- name: Quotient :many
SELECT views / 2.0 AS half FROM posts;

-- name: NullableProduct :many
SELECT score * 2 AS twice FROM posts;

-- name: Functions :many
SELECT lower(note) AS low, substr(note, 1) AS part, trim(note) AS trimmed, replace(note, 'a', 'b') AS other FROM posts;

-- name: UnionOfTypes :many
SELECT id FROM posts UNION SELECT title FROM posts;

-- name: UnionWithNullable :many
SELECT title FROM posts UNION SELECT note FROM posts;

-- name: NullableComparison :many
SELECT score > 1 AS high FROM posts;

-- name: RoundedNull :many
SELECT round(score) AS rounded FROM posts;

-- name: CastOfNull :many
SELECT CAST(note AS INTEGER) AS n, CAST(note AS TEXT) AS t FROM posts;

-- name: CastBoolean :many
SELECT CAST(score AS BOOLEAN) AS b FROM posts WHERE score IS NOT NULL;

-- name: OuterSubSelect :many
SELECT p.id, sub.v FROM posts AS p LEFT JOIN (SELECT k, v FROM kv) AS sub ON sub.k = p.title;

-- name: UnicodeOfNothing :many
SELECT unicode(title) AS u FROM posts;

-- name: ConcatOfNulls :many
SELECT group_concat(note) AS notes FROM posts GROUP BY user_id;

-- name: RoundedSum :one
SELECT CAST(sum(views) AS REAL) AS total FROM posts;

-- name: NothingButNull :many
SELECT CAST(nullif(title, title) AS TEXT) AS never FROM posts;
