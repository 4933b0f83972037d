-- name: AddCustomer :one
INSERT INTO customers (id, name, email, settings)
VALUES (sqlc.arg(id), sqlc.arg(name), sqlc.arg(email), sqlc.arg(settings))
RETURNING *;

-- name: GetCustomer :one
SELECT * FROM customers
WHERE id = sqlc.arg(id);

-- name: SetSettings :execrows
UPDATE customers SET settings = sqlc.arg(settings)
WHERE id = sqlc.arg(id);

-- name: ListCustomersByLanguage :many
SELECT * FROM customers
WHERE settings ->> 'language' = CAST(sqlc.arg(language) AS TEXT)
ORDER BY name;
