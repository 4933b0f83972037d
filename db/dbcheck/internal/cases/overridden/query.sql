-- name: OwnersAndLabels :many
SELECT owner FROM labels UNION SELECT CAST(id AS TEXT) FROM labels;

-- name: OwnersTwice :many
SELECT owner FROM labels UNION ALL SELECT owner FROM labels;
