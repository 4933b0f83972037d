-- name: AccountsAfter :many
SELECT id FROM accounts WHERE created_at > @after AND created_at <= @last;

-- name: AccountsOfDay :many
SELECT id FROM accounts WHERE date(created_at) = date('now') OR name = @name;

-- name: AccountsAllowed :many
-- dbcheck:allow times: a second more or less is no matter here
SELECT id FROM accounts WHERE created_at >= @since;

-- name: SetSeen :exec
UPDATE accounts SET seen_at = @seen_at WHERE id = @id;

-- name: SeenSince :many
SELECT id FROM accounts WHERE seen_at >= @since;

-- name: LogsFrom :many
SELECT id FROM logs WHERE at >= @since;

-- name: AddTask :exec
INSERT INTO tasks (due, start, title) VALUES (@due, @start, @title);

-- name: RecentTasks :many
SELECT id FROM tasks WHERE start >= date('now', '-7 days') AND start < date('now');

-- name: StartedTasks :many
SELECT id FROM tasks WHERE start > date('now', '-7 days');

-- name: TasksToday :many
SELECT id FROM tasks WHERE date(due) = CURRENT_DATE;

-- name: SecondsAt :many
SELECT id FROM seconds WHERE at = @at OR at >= @first AND at <= @last;

-- name: SetSeconds :exec
UPDATE seconds SET at = @at WHERE id = @id;

-- name: TouchSeconds :exec
UPDATE seconds SET at = datetime('now') WHERE id = @id;

-- name: MillisAt :many
SELECT id FROM millis WHERE at = @at OR at IN (sqlc.slice(times));

-- name: AddMillis :exec
INSERT INTO millis (at) VALUES (@at);

-- name: TouchMillis :exec
UPDATE millis SET at = strftime('%Y-%m-%d %H:%M:%f', 'now') WHERE id = @id;

-- name: AddGiven :exec
INSERT INTO main.given (at) VALUES (@at);

-- name: CopyGiven :exec
INSERT INTO given (at) SELECT g.at FROM given AS g WHERE g.id = @id;

-- name: GivenAt :many
SELECT id FROM given WHERE at = @at;
