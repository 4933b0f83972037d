-- name: SliceBeforeLimit :many
SELECT id FROM posts WHERE id IN (sqlc.slice(ids)) LIMIT sqlc.arg(page_size);

-- name: SliceInTheMiddle :many
SELECT id FROM posts WHERE status = @status AND id IN (sqlc.slice('ids')) AND user_id = @user_id;

-- name: TwoSlicesOfOneName :many
SELECT id FROM posts WHERE id IN (sqlc.slice(ids)) OR user_id IN (sqlc.slice(ids));

-- name: SliceBehindNot :many
SELECT id FROM posts WHERE NOT id IN (sqlc.slice(ids));

-- name: MixedInsert :exec
INSERT INTO kv (k, v, ver) VALUES (?, sqlc.arg(v), ?);

-- name: Title :many
SELECT id FROM posts WHERE title = ?;

-- name: NotBetween :many
SELECT id FROM posts WHERE views BETWEEN @a AND @b AND NOT views BETWEEN @c AND @d;

-- name: Escape :many
SELECT id FROM posts WHERE title LIKE sqlc.arg(pattern) ESCAPE sqlc.arg(escape);

-- name: LimitWithComma :many
SELECT id FROM posts ORDER BY id LIMIT ?, ?;

-- name: GroupByParameter :many
SELECT user_id FROM posts WHERE views > @least GROUP BY user_id, views > @many;

-- name: OrderByInWindow :many
SELECT row_number() OVER (PARTITION BY user_id ORDER BY views > @many) AS n FROM posts;

-- name: PartitionBy :many
SELECT row_number() OVER (PARTITION BY user_id > @first) AS n FROM posts;

-- name: OrderByInSubSelect :many
SELECT id FROM posts WHERE id = (SELECT p.id FROM posts AS p ORDER BY p.status = @status LIMIT 1);

-- name: HavingInSubSelect :many
SELECT id FROM posts WHERE id IN (SELECT max(p.id) FROM posts AS p GROUP BY p.user_id HAVING count(*) > @n);

-- name: ConflictPlain :exec
INSERT INTO kv (k, v, ver) VALUES (?, ?, ?) ON CONFLICT (k) DO UPDATE SET ver = ver + ?;

-- name: RowValueEqual :many
SELECT id FROM posts WHERE (user_id, title) = (?, ?);

-- name: JSONPath :many
SELECT id FROM posts WHERE settings -> sqlc.arg(path) = sqlc.arg(value);

-- name: JSONInsert :exec
INSERT INTO users (id, name, profile) VALUES (@id, @name, @profile);

-- name: NotBetweenBehindAnd :many
SELECT id FROM posts WHERE title NOT IN (@a, @b) AND id NOT BETWEEN @least AND @most AND NOT status = @status;

-- name: NotBetweenInTheMiddle :many
SELECT id FROM posts WHERE views > @v AND id NOT BETWEEN @least AND @most AND status = @status;

-- name: BetweenBehindAnd :many
SELECT id FROM posts WHERE views > @v AND id BETWEEN @least AND @most AND status = @status;

-- name: FrameOfRows :many
SELECT id, sum(views) OVER (ORDER BY id ROWS BETWEEN @n PRECEDING AND CURRENT ROW) AS around FROM posts WHERE id BETWEEN @least AND @most;

-- name: FrameOfWindow :many
SELECT id, sum(views) OVER w AS around FROM posts WINDOW w AS (ORDER BY id ROWS ? PRECEDING);

-- name: BehindEscape :many
SELECT id FROM posts WHERE title LIKE @pattern ESCAPE '!' AND views > @least;

-- name: BehindEscapeInParentheses :many
SELECT id FROM posts WHERE views > @least AND (title LIKE '%' || @part || '%' ESCAPE '!' OR note = @note);

-- name: KeyOfPage :many
SELECT id FROM posts WHERE (created_at, id) < (@at, @id) ORDER BY created_at DESC, id DESC;
