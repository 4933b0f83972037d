-- name: Find :many
SELECT id FROM posts WHERE status = @status AND title = @title AND user_id = @user_id;

-- name: FindAny :many
SELECT id FROM posts WHERE status = @status AND id IN (sqlc.slice(ids));

-- name: FindWrong :many
SELECT id FROM posts WHERE id IN (sqlc.slice(ids)) AND status = @status AND title = @title;
