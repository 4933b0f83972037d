-- name: SliceLast :many
SELECT id FROM posts WHERE status = sqlc.arg(status) AND id IN (sqlc.slice(ids));

-- name: SliceBeforePlain :many
SELECT id FROM posts WHERE id IN (sqlc.slice(ids)) AND status = ? LIMIT ?;

-- name: TwoSlices :many
SELECT id FROM posts WHERE id IN (sqlc.slice(ids)) OR user_id IN (sqlc.slice(users));

-- name: OneNameTwice :many
SELECT id, title FROM posts WHERE (status = sqlc.narg(status) OR sqlc.narg(status) IS NULL) AND user_id = @uid;

-- name: Signs :many
SELECT id FROM posts WHERE id = $id AND status = :status AND title <> @title;

-- name: Numbers :many
SELECT id FROM posts WHERE id > ?2 AND user_id = ?1;

-- name: InStrings :exec
UPDATE posts SET title = '@title ? :x sqlc.arg(y) -- no comment', note = "status" /* ?, @x */ WHERE id = @id; -- ?1

-- name: HavingBesideWhere :many
SELECT user_id, count(*) AS n FROM posts WHERE views > @least GROUP BY user_id HAVING count(*) > CAST(@n AS INTEGER);

-- name: OrderByColumn :many
SELECT id, CAST(CASE WHEN CAST(sqlc.arg(sort) AS TEXT) = 'title' THEN title ELSE status END AS TEXT) AS sort_key
FROM posts ORDER BY sort_key LIMIT @page_size OFFSET @skip;

-- name: Difference :many
SELECT id FROM posts WHERE views > 0 - CAST(@n AS INTEGER) AND views - 1 < @most AND id > -1;

-- name: NotInList :many
SELECT id FROM posts WHERE title NOT IN (@a, @b) AND (id < @least OR id > @most) AND status <> @status;

-- name: Keyset :many
SELECT id FROM posts
WHERE created_at < @created_at OR (created_at = @created_at AND id < @id)
ORDER BY created_at DESC, id DESC;

-- name: UpsertExcluded :exec
INSERT INTO kv (k, v, ver) VALUES (@k, @v, @ver)
ON CONFLICT (k) DO UPDATE SET v = excluded.v, ver = ver + 1 WHERE excluded.ver > ver;

-- name: Patch :one
UPDATE users SET name = coalesce(sqlc.narg(name), name) WHERE id = @id RETURNING id, name;

-- name: InnerEmbed :many
SELECT sqlc.embed(n), sqlc.embed(k) FROM notes AS n JOIN kv AS k ON k.ver = n.user_id;

-- name: OuterColumns :many
SELECT k.*, n.id AS note_id, n.body FROM kv AS k LEFT JOIN notes AS n ON n.user_id = k.ver;

-- name: Aggregates :one
SELECT count(*) AS n, max(views) AS top, CAST(coalesce(sum(views), 0) AS INTEGER) AS total, avg(views) AS mean FROM posts;

-- name: InsertPayload :exec
INSERT INTO kv (k, v, ver)
SELECT CAST(e.value ->> 'k' AS TEXT), CAST(e.value ->> 'v' AS TEXT), CAST(e.value ->> 'ver' AS INTEGER)
FROM json_each(CAST(@payload AS TEXT)) AS e;

-- name: Never :one
-- dbcheck:allow null-result: there is always a post
SELECT CAST(max(views) AS INTEGER) AS top FROM posts;

-- name: Exists :one
SELECT EXISTS (SELECT 1 FROM posts WHERE title = @title) AS found;

-- name: Window :many
SELECT id, row_number() OVER w AS n FROM posts WINDOW w AS (ORDER BY id > @first);

-- name: Create :execlastid
INSERT INTO users (name) VALUES (?);

-- name: Remove :execresult
DELETE FROM users WHERE id = ?;

-- name: NotBetweenWords :many
SELECT id FROM posts WHERE id NOT BETWEEN @least AND @most;

-- name: NotEqual :many
SELECT id FROM posts WHERE views > @least AND NOT status = @status;

-- name: NotNotIn :many
SELECT id FROM posts WHERE title NOT IN (@a, @b) AND views > @least;

-- name: IsNot :many
SELECT id FROM posts WHERE note IS NOT @note AND title NOT LIKE @pattern AND status NOT GLOB @glob;

-- name: NotBetweenAnd :many
SELECT id FROM posts WHERE id NOT BETWEEN @least AND @most AND status = @status;

-- name: AndNotEqual :many
SELECT id FROM posts WHERE views > @least AND NOT status = @status AND title = @title;

-- name: NotInAnd :many
SELECT id FROM posts WHERE title NOT IN (@a, @b) AND id NOT BETWEEN 1 AND 2 AND NOT status = @status;

-- name: NotInAndNot :many
SELECT id FROM posts WHERE title NOT IN (@a, @b) AND NOT status = @status;

-- name: BetweenAndNot :many
SELECT id FROM posts WHERE id BETWEEN @least AND @most AND NOT status = @status;

-- name: NotBetweenAndNot :many
SELECT id FROM posts WHERE id NOT BETWEEN @least AND @most AND NOT status = @status;

-- name: NameAgainThenSlice :many
SELECT id FROM posts WHERE status = @status AND user_id = @user_id AND title <> @status AND id IN (sqlc.slice(ids));

-- name: JSONPath :many
SELECT id FROM posts
WHERE settings ->> CAST(@path AS TEXT) = CAST(@value AS TEXT) AND user_id = @user_id LIMIT @page_size;

-- name: TimesAsText :many
SELECT CAST(strftime('%s', day) AS INTEGER) AS seconds, CAST(strftime('%H', at, 'unixepoch') AS INTEGER) AS hour,
    CAST(json_array_length(tags) AS INTEGER) AS tags
FROM events;

-- name: LengthAndMore :many
SELECT id FROM posts WHERE length(title) > @n + 5;

-- name: TextWithLength :many
SELECT id FROM posts WHERE 'n' || length(title) = @text OR views > 0;

-- name: WholeKey :many
SELECT id FROM posts WHERE status || ':' || id = @key OR views > 0;

-- name: LengthAsNumber :many
SELECT id FROM posts WHERE length(title) BETWEEN CAST(@least AS INTEGER) AND CAST(@most AS INTEGER);

-- name: DayAsText :many
SELECT id FROM posts WHERE date(created_at) = CAST(@day AS TEXT) OR views > 0;

-- name: ProductOfLarge :many
SELECT id, views * views AS square FROM posts;

-- name: NotExistsSlice :many
SELECT id FROM posts AS p WHERE NOT EXISTS (SELECT 1 FROM notes AS n WHERE n.user_id = p.user_id AND n.id IN (sqlc.slice(ids)));

-- name: BooleanOne :many
SELECT id, on_off FROM flags WHERE on_off = 1 OR id > 0;

-- name: QuotedNames :many
SELECT "p"."id", "p"."title" AS "the title", "status" FROM "posts" AS "p" WHERE "p"."title" = "status" OR "views" > 0 ORDER BY "the title";

-- name: QuotedInsert :exec
INSERT INTO "notes" ("user_id", "body") VALUES (@user_id, @body) ON CONFLICT ("id") DO UPDATE SET "body" = "excluded"."body";

-- name: QuotedCTE :many
WITH "recent" AS (SELECT "id", "title" FROM "posts") SELECT "recent"."id" FROM "recent" WHERE "title" <> '"title"' OR "id" > 0;

-- name: SameInBothHomes :many
WITH log (id, n) AS (SELECT id, views FROM posts)
SELECT id, CAST(ceil(n / 3.0) AS INTEGER) AS pages, CAST(coalesce(ln(max(n, 1)), 0) AS REAL) AS size, CAST(floor(n) / 2 AS INTEGER) AS half,
    CAST(ceil(n * 1.5) / 2.0 AS REAL) AS part, CAST(printf('100%% %.2f', n) AS TEXT) AS shown
FROM log WHERE floor(n * 0.5) >= 0 OR id > 0;

-- name: OnlyOnAFile :many
-- dbcheck:allow homes: this program has no server
SELECT id, CAST(coalesce(log(abs(views) + 1), 0) AS REAL) AS size FROM posts;

-- name: DynamicFilters :many
SELECT /* db:dynamic */ id, title FROM posts
WHERE (title = sqlc.narg(title) OR sqlc.narg(title) IS NULL)
    AND (CASE CAST(@which AS TEXT) WHEN 'draft' THEN status = 'draft' WHEN 'new' THEN views = 0 ELSE 1 END)
ORDER BY id DESC LIMIT 100;

-- name: DynamicKeepsIndex :many
SELECT /* db:dynamic */ id FROM events WHERE (+day = CAST(sqlc.narg(day) AS TEXT) OR sqlc.narg(day) IS NULL) ORDER BY at LIMIT 100;

-- name: EscapeInParentheses :many
SELECT id FROM posts WHERE (title LIKE @pattern ESCAPE '!') AND views > @least;

-- name: FrameOfNumbers :many
SELECT id, CAST(sum(views) OVER (ORDER BY id ROWS BETWEEN 3 PRECEDING AND CURRENT ROW) AS INTEGER) AS around FROM posts WHERE id > @first;

-- name: SliceOrZero :many
SELECT id FROM posts WHERE (id IN (sqlc.slice(ids)) OR views = 0) AND user_id = user_id;

-- name: SliceInParentheses :many
SELECT id FROM posts WHERE (id = sqlc.arg(('first')) OR id IN (sqlc.slice((('ids')))));

-- name: DynamicFilter :many
SELECT id FROM posts
WHERE (title = sqlc.narg(title) OR sqlc.narg(title) IS NULL)
  AND (status = sqlc.narg(status) OR sqlc.narg(status) IS NULL)
  AND (views = sqlc.narg(views) OR sqlc.narg(views) IS NULL)
  AND (note = sqlc.narg(note) OR sqlc.narg(note) IS NULL)
  AND (user_id = sqlc.narg(user_id) OR sqlc.narg(user_id) IS NULL);

-- name: AllOfOneRow :many
SELECT p.id FROM posts AS p JOIN notes AS n ON n.user_id = p.user_id
WHERE p.title = @title AND p.status = @status AND p.views = @views AND p.created_at = @created_at AND n.body = @body;

-- name: UntypedFilter :many
SELECT id FROM posts WHERE sqlc.narg(title) IS NULL OR title = sqlc.narg(title);

-- name: UntypedColumns :many
SELECT id, rank() OVER (ORDER BY views) AS position, CAST(rank() OVER (ORDER BY views) AS INTEGER) AS place FROM posts;

-- name: EmptySaidByProgram :many
SELECT id FROM posts WHERE views > 0 AND (CAST(@none AS BOOLEAN) OR status NOT IN (sqlc.slice(excluded)));

-- name: TimeFromText :one
INSERT INTO posts (user_id, title, status, views, created_at) VALUES (@user_id, @title, 'live', 1, CAST(@at AS TEXT)) RETURNING created_at;

-- name: ListedStates :many
SELECT j.id, CASE WHEN j.state = 'done' THEN 'finished' ELSE j.state END AS status FROM jobs AS j
WHERE j.state IN ('waiting', 'running') OR j.state || 's' <> 'dones' OR 'late' = j.note OR j.note = 'late';

-- name: AliasLikeAColumn :many
SELECT id FROM (SELECT id, CASE state WHEN 'done' THEN 'old' ELSE 'new' END AS state FROM jobs) WHERE state <> 'new' OR id > 0;

-- name: SliceInCase :many
SELECT id FROM posts WHERE CASE WHEN id IN (sqlc.slice(ids)) THEN 0 ELSE views > 0 OR id > 0 END;

-- name: SliceOfRandomRows :many
SELECT id FROM posts WHERE id IN (sqlc.slice(ids)) OR views > 0 ORDER BY random() LIMIT 3;

-- name: RowsFromJSON :many
INSERT INTO notes (user_id, body)
SELECT CAST(e.value ->> 'user_id' AS INTEGER), CAST(e.value ->> 'body' AS TEXT) FROM json_each(CAST(@payload AS TEXT)) AS e WHERE true
RETURNING id, body;

-- name: ChosenByJSON :many
SELECT id FROM posts WHERE title <> '' AND id IN (SELECT value FROM json_each(CAST(@ids AS TEXT)));

-- name: FiltersOffByEmptyText :many
SELECT id FROM posts
WHERE (CAST(@title AS TEXT) = '' OR title = CAST(@title AS TEXT)) AND (@status = '' OR @status = 'all' OR status = @status)
  AND (@note = '' OR note = @note) AND (CAST(@views AS INTEGER) = -1 OR views = CAST(@views AS INTEGER)) AND (@user = '' OR user_id = @user);

-- name: Arg :many
SELECT id FROM posts WHERE id = @id OR views > 0;

-- name: Row :one
SELECT id FROM posts WHERE id = @id;

-- name: Rows :many
SELECT id FROM posts WHERE id = @id OR views > 0;

-- name: Items :many
SELECT id FROM posts WHERE id IN (sqlc.slice(ids));

-- name: Query :many
SELECT id FROM posts WHERE id IN (sqlc.slice(ids));

-- name: I :many
SELECT id, title FROM posts WHERE id > @least;
