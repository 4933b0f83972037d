-- name: AddOrder :one
INSERT INTO orders (customer_id, placed_at)
VALUES (sqlc.arg(customer_id), sqlc.arg(placed_at))
RETURNING *;

-- name: AddItem :exec
INSERT INTO order_items (order_id, product_id, quantity, price_cents)
VALUES (sqlc.arg(order_id), sqlc.arg(product_id), sqlc.arg(quantity), sqlc.arg(price_cents));

-- name: SetOrderState :execrows
UPDATE orders SET state = sqlc.arg(state)
WHERE id = sqlc.arg(id);

-- name: GetOrder :one
SELECT * FROM full_orders
WHERE id = sqlc.arg(id);

-- name: ListOrders :many
-- ListOrders returns the orders that match all filters; a nil filter is ignored.
-- db:dynamic
SELECT * FROM full_orders
WHERE
    (sqlc.narg(customer_id) IS NULL OR customer_id = sqlc.narg(customer_id))
    AND (sqlc.narg(state) IS NULL OR state = sqlc.narg(state))
    AND (sqlc.narg(since) IS NULL OR placed_at >= sqlc.narg(since))
ORDER BY
    CASE WHEN sqlc.arg(sort) = 'oldest' THEN placed_at END,
    placed_at DESC, id DESC
LIMIT sqlc.arg(page_size);

-- name: SumOrder :one
SELECT CAST(coalesce(sum(quantity * price_cents), 0) AS INTEGER) AS cents
FROM order_items
WHERE order_id = sqlc.arg(order_id);
