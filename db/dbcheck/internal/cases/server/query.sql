-- name: EverywhereSame :many
SELECT id, title FROM posts WHERE status = @status AND id IN (sqlc.slice(ids));

-- name: FileTruncates :many
SELECT id, CAST(coalesce(trunc(score), 0) AS REAL) AS whole FROM posts;

-- name: FileChooses :many
SELECT id, CAST(coalesce(unistr(title), '') AS TEXT) AS shown FROM posts WHERE views > @least;

-- name: ServerDistance :many
SELECT id, CAST(vector_distance_cos(vector32(body), vector32(@near)) AS REAL) AS distance FROM notes;

-- name: NowhereKnown :many
SELECT id, CAST(nonesuch(body) AS TEXT) AS text FROM notes;
