-- name: AddProduct :one
INSERT INTO products (name, description, price_cents, released)
VALUES (sqlc.arg(name), sqlc.arg(description), sqlc.arg(price_cents), sqlc.arg(released))
RETURNING *;

-- name: GetProduct :one
SELECT * FROM products
WHERE id = sqlc.arg(id);

-- name: SearchProducts :many
-- SearchProducts returns the products that match an FTS5 query, the best first. Matches in the title are
-- enclosed in [ and ].
SELECT
    p.id, p.price_cents,
    CAST(highlight(product_search, 0, '[', ']') AS TEXT) AS name,
    CAST(snippet(product_search, 1, '[', ']', '...', 8) AS TEXT) AS description,
    CAST(bm25(product_search, 10.0, 1.0) AS REAL) AS score
FROM product_search
JOIN products AS p ON p.id = product_search.rowid
WHERE product_search MATCH CAST(sqlc.arg(query) AS TEXT)
ORDER BY score, p.id
LIMIT sqlc.arg(page_size);
