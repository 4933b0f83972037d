-- S17 and its kin: sqlc panics at each of these.

-- name: Minus :many
SELECT id FROM posts WHERE id > -@n;

-- name: MinusMacro :many
SELECT id FROM posts WHERE id > - sqlc.arg(n);

-- name: MinusParentheses :many
SELECT id FROM posts WHERE id > -(@n);

-- name: MinusPlain :many
SELECT id FROM posts LIMIT -?;

-- name: Complement :many
SELECT id FROM posts WHERE id = ~@n;

-- name: Fine :many
SELECT id FROM posts WHERE id > 0 - @n AND views - @m > -1 AND id > -abs(@o) AND id = +@p AND (id) - @q > -(1 + @r);
