package copydb

import (
	"context"
	"database/sql/driver"
	"fmt"
	"slices"
	"time"

	"github.com/duolite/duolite/db/internal/engine"
)

// longTime limits a statement that reads a large table as a whole, in place of the usual limit of a request.
const longTime = time.Hour

// finish makes all that comes after the rows, as far as the target doesn't have it.
func (j *job) finish(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, longTime)
	defer cancel()
	target, err := readSchema(ctx, j.to)
	if err != nil {
		return err
	}
	var rest []engine.Step
	for _, o := range j.source.objects {
		switch {
		case slices.Contains(target.objects, o):
		case o.kind == "index": // each by itself, since it can take long
			j.progress.Table = o.table
			if err := j.apply(ctx, []engine.Step{j.target.step(o.sql)}); err != nil {
				return within(err, "making %v", o)
			}
			j.report()
		default:
			rest = append(rest, j.target.step(o.sql))
		}
	}
	if target.hasSequence {
		counters, err := j.counters(ctx)
		if err != nil {
			return err
		}
		rest = append(rest, counters...)
	}
	rest = append(rest, j.target.step(fmt.Sprintf("PRAGMA user_version = %d", j.source.userVersion)))
	if err := j.apply(ctx, rest); err != nil {
		return within(err, "making the views and triggers")
	}
	if j.server || j.source.applicationID == 0 { // a server refuses to set it
		return nil
	}
	return engine.Exec(ctx, j.to, fmt.Sprintf("PRAGMA application_id = %d", j.source.applicationID))
}

const readCounters = "SELECT name, seq FROM main.sqlite_sequence ORDER BY name"

// counters returns the steps that set the counters of AUTOINCREMENT.
func (j *job) counters(ctx context.Context) ([]engine.Step, error) {
	if !j.source.hasSequence {
		return nil, nil
	}
	steps := []engine.Step{j.target.step("DELETE FROM main.sqlite_sequence")}
	err := engine.Query(ctx, j.from, readCounters, nil, func(row []driver.Value) error {
		steps = append(steps, j.target.step("INSERT INTO main.sqlite_sequence (name, seq) VALUES (?, ?)", slices.Clone(row)...))
		return nil
	})
	return steps, err
}
