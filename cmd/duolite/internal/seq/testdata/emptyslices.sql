-- name: ListBios :many
-- All that is written about authors; "`" is a backtick.
SELECT bio FROM authors
WHERE bio <> '`'

ORDER BY name;
