-- name: S1 :many
SELECT id FROM posts WHERE id IN (sqlc.slice(ids)) AND status = sqlc.arg(status);
-- name: S2 :execrows
UPDATE posts SET status=sqlc.arg(a) WHERE id=? AND status=sqlc.arg(b);
-- name: S3 :many
-- @sqlc-vet-disable no-such-rule
SELECT id FROM posts ORDER BY CASE WHEN sqlc.arg(s)='x' THEN status END;
-- name: S3at :many
SELECT id FROM posts ORDER BY CASE WHEN @s='x' THEN status END;
-- name: S3q :many
SELECT id FROM posts ORDER BY CASE WHEN ?='x' THEN status END;
-- name: S4 :many
SELECT user_id, count(*) AS n FROM posts GROUP BY user_id HAVING count(*) > sqlc.arg(n);
-- name: S5 :exec
INSERT INTO kv(k,v,ver) VALUES(@k,@v,@ver) ON CONFLICT(k) DO UPDATE SET v=@v2 WHERE ver < @m;
-- name: S5arg :exec
INSERT INTO kv(k,v,ver) VALUES(sqlc.arg(k),sqlc.arg(v),1) ON CONFLICT(k) DO UPDATE SET v=sqlc.arg(v2);
-- name: S6 :one
SELECT count(*) FILTER (WHERE status = @s) FROM posts;
-- name: S7 :exec
UPDATE posts SET (title, status) = (?, ?) WHERE id = ?;
-- name: S8 :many
SELECT id FROM posts WHERE views > ? AND NOT status IN (?, ?);
-- name: S9 :many
SELECT id FROM posts WHERE (created_at, id) < (?, ?);
-- name: S10 :many
SELECT id FROM posts WHERE settings ->> 'lang' = ?;
-- name: S11 :one
SELECT settings FROM posts WHERE id = ?;
-- name: S12 :one
SELECT sum(views) AS total, abs(views) AS a, views * 1.5 AS h FROM posts;
-- name: S13 :one
SELECT group_concat(title) AS titles, CAST(max(views) AS INTEGER) AS top FROM posts;
-- name: S14 :many
SELECT kv.k, sqlc.embed(posts) FROM kv LEFT JOIN posts ON posts.title = kv.k;
-- name: S15 :many
SELECT CAST(created_at AS DATETIME) AS c FROM posts;
