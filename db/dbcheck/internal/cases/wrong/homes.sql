-- name: Logarithm :many
SELECT id, CAST(coalesce(log(views), 0) AS REAL) AS size FROM posts;

-- name: PageCount :one
SELECT CAST(ceil(count(*) / 10.0) / 2 AS REAL) AS pages FROM posts;

-- name: FlooredScore :many
SELECT id, CAST(coalesce(floor(score) || '', '') AS TEXT) AS grade FROM posts;

-- name: RoundedText :many
SELECT id, CAST(coalesce(printf('%.0f', score), '') AS TEXT) AS rounded FROM posts;

-- name: Joined :many
SELECT id, CAST(concat_ws(' ', title, note) AS TEXT) AS text FROM posts;

-- name: NextMonth :many
SELECT id, CAST(coalesce(date(created_at, '+1 month', 'floor'), '') AS TEXT) AS next FROM posts;

-- name: ISOWeek :many
SELECT id, CAST(coalesce(strftime('%G-W%V', created_at), '') AS TEXT) AS week FROM posts;

-- name: LastElement :many
SELECT id, CAST(coalesce(settings ->> -1, '') AS TEXT) AS tail FROM posts;

-- name: NumberAsName :many
SELECT id, CAST(coalesce(settings -> '0', '') AS TEXT) AS head FROM posts;
