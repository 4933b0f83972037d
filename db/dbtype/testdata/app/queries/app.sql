-- name: CreateAccount :one
INSERT INTO accounts (key, settings, extra, details, created_at, seen_at)
VALUES (sqlc.arg(key), sqlc.arg(settings), sqlc.narg(extra), sqlc.arg(details), sqlc.arg(created_at), sqlc.narg(seen_at))
RETURNING *;

-- name: ListAccounts :many
SELECT * FROM accounts WHERE created_at <= sqlc.arg(until) ORDER BY id;

-- name: CreateEvent :one
INSERT INTO events (account_id, at, seen_at, handled) VALUES (?, ?, ?, ?)
RETURNING *;

-- name: ListEvents :many
SELECT e.*, a.settings, a.extra, a.created_at
FROM events AS e
JOIN accounts AS a ON a.id = e.account_id;

-- name: Summary :one
SELECT
    CAST(max(created_at) AS timetext) AS newest,
    CAST(max(seen_at) AS timetext_null) AS last_seen,
    CAST(json_group_array(json(details)) AS jsontext) AS details,
    CAST(max(extra) AS jsontext_null) AS extra
FROM accounts;

-- name: GetSettings :one
SELECT settings FROM accounts WHERE key = ?;

-- name: LastSeen :one
SELECT coalesce(seen_at, created_at) AS seen FROM accounts WHERE id = ?;

-- name: CreateVector :one
INSERT INTO vectors (embedding, other) VALUES (?, ?)
RETURNING *;

-- name: SameVectors :many
SELECT id, CAST(coalesce(other, embedding) AS f32_blob) AS vector FROM vectors WHERE embedding = CAST(sqlc.arg(wanted) AS f32_blob);
