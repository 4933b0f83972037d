-- name: MisspeltColumn :many
SELECT id FROM posts WHERE "titel" = 'x';

-- name: QuotedText :many
SELECT id FROM "posts" AS "p"
WHERE "p"."title" = @title
  AND "p"."status" <> "draft";

-- name: QuotedTexts :exec
UPDATE "posts" SET "status" = "live", "note" = "it's" WHERE "id" = @id;

-- name: QuotedInList :many
SELECT id FROM posts WHERE status IN ("live", 'draft') ORDER BY "id";
