-- name: GetProfile :one
SELECT id, profile FROM users WHERE profile IS NOT NULL AND id = @id;

-- name: SetProfile :one
UPDATE users SET profile = @profile WHERE id = @id RETURNING id, profile;

-- name: ListOwners :many
SELECT DISTINCT user_id FROM posts WHERE user_id >= @user_id;

-- name: Codes :many
SELECT v FROM kv;

-- name: Labels :many
SELECT id, owner, hot, share FROM labels;
