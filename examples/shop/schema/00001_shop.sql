-- A shop: customers, products, orders.

-- +goose Up
CREATE TABLE customers (
    id         text     NOT NULL PRIMARY KEY, -- a UUID
    name       text     NOT NULL,
    email      text     NOT NULL UNIQUE COLLATE NOCASE,
    settings   json     NOT NULL DEFAULT '{}' CHECK (json_valid(settings)),
    created_at datetime NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f', 'now'))
);

CREATE TABLE products (
    id          integer NOT NULL PRIMARY KEY,
    name        text    NOT NULL,
    description text    NOT NULL DEFAULT '',
    price_cents integer NOT NULL CHECK (typeof(price_cents) = 'integer' AND price_cents >= 0),
    released    date    NOT NULL
);

CREATE TABLE orders (
    id          integer  NOT NULL PRIMARY KEY,
    customer_id text     NOT NULL REFERENCES customers (id),
    state       text     NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'paid', 'sent')),
    placed_at   datetime NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f', 'now'))
);

CREATE INDEX orders_by_customer ON orders (customer_id, placed_at);
CREATE INDEX orders_by_placed ON orders (placed_at);

CREATE TABLE order_items (
    order_id    integer NOT NULL REFERENCES orders (id) ON DELETE CASCADE,
    product_id  integer NOT NULL REFERENCES products (id),
    quantity    integer NOT NULL CHECK (quantity > 0),
    price_cents integer NOT NULL, -- when the order was placed
    PRIMARY KEY (order_id, product_id)
) WITHOUT ROWID;

CREATE INDEX order_items_by_product ON order_items (product_id);

-- Orders with their items, a JSON array.
CREATE VIEW full_orders AS
SELECT
    o.id, o.customer_id, o.state, o.placed_at,
    CAST((
        SELECT json_group_array(json_object(
            'product', item.name, 'quantity', item.quantity, 'price_cents', item.price_cents
        ))
        FROM (
            SELECT p.name, i.quantity, i.price_cents
            FROM order_items AS i
            JOIN products AS p ON p.id = i.product_id
            WHERE i.order_id = o.id
            ORDER BY p.name
        ) AS item
    ) AS TEXT) AS items
FROM orders AS o;

-- +goose Down
DROP VIEW full_orders;
DROP TABLE order_items;
DROP TABLE orders;
DROP TABLE products;
DROP TABLE customers;
