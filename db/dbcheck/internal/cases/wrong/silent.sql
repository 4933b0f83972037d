-- The failures S1 to S15: sqlc 1.31.1 takes each, and exits 0. (S16 and S17 are those
-- that the generated code, or sqlc itself, fails at: testdata/source.)

-- name: S01SliceBeforeParameter :many
SELECT id FROM posts WHERE id IN (sqlc.slice(ids)) AND status = sqlc.arg(status);

-- name: S02Mixed :execrows
UPDATE posts SET status = sqlc.arg(a) WHERE id = ? AND status = sqlc.arg(b);

-- name: S03OrderBy :many
SELECT id FROM posts ORDER BY CASE WHEN sqlc.arg(sort) = 'x' THEN status END;

-- name: S04Having :many
SELECT user_id, count(*) AS n FROM posts GROUP BY user_id HAVING count(*) > sqlc.arg(n);

-- name: S05OnConflict :exec
INSERT INTO kv (k, v, ver) VALUES (@k, @v, @ver)
ON CONFLICT (k) DO UPDATE SET v = @v2 WHERE ver < @m;

-- name: S06Filter :one
SELECT count(*) FILTER (WHERE status = @status) FROM posts;

-- name: S07SetRow :exec
UPDATE posts SET (title, status) = (?, ?) WHERE id = ?;

-- name: S08NotIn :many
SELECT id FROM posts WHERE views > ? AND NOT status IN (?, ?);

-- name: S09RowValue :many
SELECT id FROM posts WHERE (created_at, id) < (?, ?);

-- name: S10JSONArgument :many
SELECT id FROM posts WHERE settings ->> 'lang' = ?;

-- name: S11JSONColumn :one
SELECT settings FROM posts WHERE id = ?;

-- name: S12Numbers :one
SELECT sum(views) AS total, abs(views) AS size, views * 1.5 AS half_more FROM posts;

-- name: S13Aggregates :one
SELECT group_concat(title) AS titles, CAST(max(views) AS INTEGER) AS top FROM posts;

-- name: S13SubSelect :many
SELECT (SELECT kv.v FROM kv WHERE kv.k = posts.title) AS v FROM posts;

-- name: S14OuterEmbed :many
SELECT kv.k, sqlc.embed(users) FROM kv LEFT JOIN users ON users.name = kv.k;

-- name: S15CastDatetime :many
SELECT CAST(created_at AS DATETIME) AS created FROM posts;
