-- name: NoSuchState :many
SELECT id FROM jobs WHERE state = 'runing';

-- name: NoSuchStates :many
SELECT id FROM jobs AS j WHERE j.state NOT IN ('done', 'Waiting') AND j.id > @first;

-- name: SetNoSuchState :exec
UPDATE jobs SET state = 'stopped' WHERE id = @id;
