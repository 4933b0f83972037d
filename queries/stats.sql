-- name: GetTotals :one
-- GetTotals returns the numbers of bookmarks, tags, attachments and visits, in one row.
SELECT
    (SELECT count(*) FROM bookmarks) AS bookmarks,
    (SELECT count(*) FROM bookmarks WHERE archived) AS archived,
    (SELECT count(*) FROM bookmarks AS b
     WHERE NOT EXISTS (SELECT 1 FROM bookmark_tags AS bt WHERE bt.bookmark_id = b.id)) AS untagged,
    (SELECT count(*) FROM tags) AS tags,
    (SELECT count(*) FROM attachments) AS attachments,
    CAST((SELECT coalesce(sum(a.size), 0) FROM attachments AS a) AS INTEGER) AS attachment_bytes,
    CAST((SELECT coalesce(sum(v.visit_count), 0) FROM bookmarks AS v) AS INTEGER) AS visits;

-- name: CountBookmarksByMonth :many
-- CountBookmarksByMonth returns the number of bookmarks added in each month (2006-01),
-- and the total at its end. It includes months without bookmarks between the oldest and
-- the newest one. The newest month comes first.
WITH RECURSIVE months AS (
    SELECT
        strftime('%Y-%m-01', min(b.created_at)) AS start,
        max(b.created_at) AS newest
    FROM bookmarks AS b
    UNION ALL
    SELECT date(months.start, '+1 month'), months.newest
    FROM months
    WHERE date(months.start, '+1 month') <= months.newest
),
added AS (
    SELECT strftime('%Y-%m-01', b.created_at) AS start, count(*) AS bookmarks
    FROM bookmarks AS b
    GROUP BY 1
)
SELECT
    CAST(substr(months.start, 1, 7) AS TEXT) AS month,
    CAST(coalesce(added.bookmarks, 0) AS INTEGER) AS bookmarks,
    CAST(sum(coalesce(added.bookmarks, 0)) OVER (ORDER BY months.start) AS INTEGER) AS total
FROM months
LEFT JOIN added ON added.start = months.start
WHERE months.start IS NOT NULL -- as it is without any bookmark
ORDER BY month DESC
LIMIT sqlc.arg(page_size);
