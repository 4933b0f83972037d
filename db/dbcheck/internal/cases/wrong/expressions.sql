-- name: LengthAsText :many
SELECT id FROM posts WHERE length(title) > @n;

-- name: DayAsTime :many
SELECT id FROM posts WHERE date(created_at) = @day;

-- name: MonthAsTime :many
SELECT id FROM posts WHERE @month = strftime('%Y-%m', created_at) AND status = 'live';

-- name: PartAsTime :many
SELECT id FROM posts WHERE substr(created_at, 1, 7) = @month;

-- name: YearAsTime :many
SELECT id FROM posts WHERE CAST(strftime('%Y', created_at) AS INTEGER) = @year;

-- name: SecondsAsTime :many
SELECT id FROM posts WHERE unixepoch(created_at) > @seconds;

-- name: AgeAsTime :many
SELECT id FROM posts WHERE julianday('now') - julianday(created_at) > @days;

-- name: SumAsTime :many
SELECT id FROM posts WHERE unixepoch(created_at) + @seconds < unixepoch('now');

-- name: PatternAsTime :many
SELECT id FROM posts WHERE created_at LIKE @pattern;

-- name: ExtractAsJSON :many
SELECT id FROM posts WHERE json_extract(settings, '$.lang') = @lang;

-- name: TypeAsNumber :many
SELECT id FROM posts WHERE typeof(score) = @kind;

-- name: CaseAsNumber :many
SELECT id FROM posts WHERE CASE WHEN views > 10 THEN 'much' ELSE 'little' END = @level;

-- name: NotInSlice :many
SELECT id FROM posts WHERE id NOT IN (sqlc.slice(ids));

-- name: NotAroundSlice :many
SELECT id FROM posts WHERE NOT (status = 'live' AND id IN (sqlc.slice(ids)));

-- name: IsDay :many
SELECT id FROM posts WHERE date(created_at) IS @day;

-- name: NotIsDay :many
SELECT id FROM posts WHERE date(created_at) IS NOT @day;

-- name: CoalescedDay :many
SELECT id FROM posts WHERE coalesce(date(created_at), '') = @day;

-- name: LengthBetween :many
SELECT id FROM posts WHERE length(title) BETWEEN ? AND ?;

-- name: NumberLikePattern :many
SELECT id FROM posts WHERE views LIKE @pattern;

-- name: SliceComparedWithZero :many
SELECT id FROM posts WHERE (id IN (sqlc.slice(ids))) = 0;

-- name: SliceIsFalse :many
SELECT id FROM posts WHERE status = 'live' AND (views > 1 AND id IN (sqlc.slice(ids))) IS NOT TRUE;

-- name: ZeroComparedWithSlice :many
SELECT id FROM posts WHERE 0 = (id IN (sqlc.slice(ids)));

-- name: NotInSliceOrColumn :many
SELECT id FROM posts WHERE (@views = views OR status NOT IN (sqlc.slice(excluded)));

-- name: SliceInCoalesce :many
SELECT id FROM posts WHERE coalesce(id IN (sqlc.slice(ids)), 1);

-- name: SliceAsColumn :many
SELECT id, id IN (sqlc.slice(ids)) AS chosen FROM posts;

-- name: SliceInUpdate :execrows
UPDATE posts SET views = views + 1 WHERE title <> @title AND coalesce(id IN (sqlc.slice(ids)), 1);
