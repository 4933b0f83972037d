package copydb

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"

	"github.com/duolite/duolite/db/internal/engine"
)

// markTable is in the target until the copy is complete.
const markTable = "duolite_copy"

const (
	createMark = "CREATE TABLE " + markTable + ` (
		schema   TEXT NOT NULL, -- a hash of the source's schema
		step     INTEGER NOT NULL, -- the number of chunks that were stored
		row      INTEGER NOT NULL, -- the number of rows that were stored
		all_rows INTEGER NOT NULL
	) STRICT`
	insertMark = "INSERT INTO " + markTable + " VALUES (?, 0, 0, ?)"
	readMark   = "SELECT schema, step, row, all_rows FROM " + markTable
	// advanceMark fails, and with it its transaction, if the step was made already: by another copy, or by a request whose
	// reply was lost and which arrived late.
	advanceMark = "UPDATE " + markTable + " SET row = row + ?2, step = CASE step WHEN ?1 THEN ?1 + 1 END"
	dropMark    = "DROP TABLE " + markTable
)

var errNoMark = errors.New("the table " + markTable + " of the target isn't as it was made; name an empty database")

// readMark returns the next step. It fails if the target is the beginning of another copy.
func (j *job) readMark(ctx context.Context) (step int64, err error) {
	found := 0
	err = engine.Query(ctx, j.to, readMark, nil, func(row []driver.Value) error {
		found++
		step, _ = row[1].(int64)
		j.progress.Rows, _ = row[2].(int64)
		j.progress.AllRows, _ = row[3].(int64)
		if row[0] != j.source.hash() {
			return fmt.Errorf("%w: it is the unfinished copy of a database with another schema; name an empty database", ErrNotEmpty)
		}
		return nil
	})
	if err == nil && found != 1 {
		err = errNoMark
	}
	return step, err
}

// dropMark says that the copy is complete.
func (j *job) dropMark(ctx context.Context) error {
	return j.apply(ctx, []engine.Step{j.target.step(dropMark)})
}
