-- name: AccountsAt :many
SELECT id FROM accounts WHERE created_at = @created_at;

-- name: AccountsSince :many
SELECT id, name FROM accounts WHERE name <> @name AND created_at >= @since;

-- name: DeleteBefore :exec
DELETE FROM accounts WHERE created_at < @before;

-- name: AccountsBetween :many
SELECT id FROM accounts AS a WHERE a.created_at BETWEEN @first AND @last;

-- name: AccountsOn :many
SELECT id FROM accounts WHERE created_at IN (sqlc.slice(times));

-- name: AccountsPage :many
SELECT id, created_at FROM accounts WHERE (created_at, id) < (sqlc.arg(created_at), CAST(sqlc.arg(id) AS INTEGER)) ORDER BY created_at DESC, id DESC LIMIT 20;

-- name: CountSince :one
SELECT count(*) FROM accounts WHERE created_at >= @since;

-- name: SetCreated :exec
UPDATE accounts SET created_at = @created_at WHERE id = @id;

-- name: Login :exec
UPDATE accounts SET seen_at = datetime('now') WHERE id = @id;

-- name: SeenOn :many
SELECT id FROM accounts WHERE seen_at = @seen_at;

-- name: LogsAfter :many
SELECT id FROM logs WHERE at > @after;

-- name: AddLog :exec
INSERT INTO logs (at, text) VALUES (@at, @text);

-- name: AddLogNow :exec
INSERT INTO logs (text) VALUES (@text);

-- name: FetchedBefore :many
SELECT id FROM feeds WHERE fetched < @before;

-- name: InvoicesOn :many
SELECT id FROM invoices WHERE day = @day;

-- name: InvoicesSince :many
SELECT id FROM invoices WHERE day >= @day;

-- name: AddTask :exec
INSERT INTO tasks (due, start, title) VALUES (@due, @start, @title);

-- name: TasksToday :many
SELECT id FROM tasks WHERE due = CURRENT_DATE;

-- name: TasksDue :many
SELECT id FROM tasks WHERE due <= date('now');

-- name: TasksFrom :many
SELECT id FROM tasks WHERE date('now', '-7 days') = start AND title <> @title;

-- name: EditPage :exec
UPDATE pages SET body = @body WHERE id = @id;

-- name: ChangedSince :many
SELECT id FROM pages WHERE changed_at >= sqlc.arg(since);
