// Package doctor finds faults of a database: damaged pages, rows and schema objects that contradict each
// other, indexes that are missing or superfluous, settings that hurt, and a schema that differs from its
// migrations.
//
// It only reads.
package doctor

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"

	"github.com/duolite/duolite/cmd/duolite/internal/catalog"
	"github.com/duolite/duolite/db"
)

// A Severity says how bad a finding is.
type Severity string

const (
	// Error: data is damaged, or a statement fails.
	Error Severity = "error"
	// Warning: it costs time or space, or leads to wrong results later.
	Warning Severity = "warning"
	// Note: it may be intended.
	Note Severity = "note"
)

// A Finding is a fault of a database.
type Finding struct {
	Check    string   `json:"check"`
	Severity Severity `json:"severity"`
	// Object is the table, the column, the index, the query or the file, or "" for the database.
	Object  string `json:"object"`
	Problem string `json:"problem"`
	// Remedy says how to repair it.
	Remedy string `json:"remedy"`
}

// A Skipped is a check that wasn't done.
type Skipped struct {
	Check  string `json:"check"`
	Reason string `json:"reason"`
}

// A Report has the findings, in the order of the checks.
type Report struct {
	Findings []Finding `json:"findings"`
	Skipped  []Skipped `json:"skipped"`
	// Checks is the number of checks that were done.
	Checks int `json:"checks"`
}

// Count returns the number of findings of a severity.
func (r *Report) Count(of Severity) (n int) {
	for _, f := range r.Findings {
		if f.Severity == of {
			n++
		}
	}
	return n
}

// Input is the database, and what belongs to it.
type Input struct {
	Pool   *sql.DB
	Engine db.Engine
	// Quick leaves out the comparison of indexes with tables.
	Quick bool
	// Migrations are the files of the schema, or nil.
	Migrations fs.FS
	// Queries are the queries of the project. NoQueries is the reason if they aren't known, or "".
	Queries   []Query
	NoQueries string
}

// An examination is the state of [Run].
type examination struct {
	Input
	report *Report
	check  string // the current one

	tables []*catalog.Table // read by the first check that needs them
	counts map[string]int64
	plans  []plan
	// unenforced are the tables with foreign keys that fail.
	unenforced []*catalog.Table
}

// A skip is the error of a check that can't be done.
type skip string

func (s skip) Error() string { return string(s) }

// Run does all checks. step is called before each with its name. The error is about the database as a whole: it
// can't be reached, or ctx has ended.
func Run(ctx context.Context, in Input, step func(check string)) (*Report, error) {
	x := &examination{Input: in, report: &Report{Findings: []Finding{}, Skipped: []Skipped{}}}
	for _, c := range checks {
		x.check = c.name
		step(c.name)
		if err := x.run(ctx, c); err != nil {
			return nil, fmt.Errorf("check %s: %w", c.name, err)
		}
	}
	return x.report, nil
}

// run does a check. A check that fails is skipped, with the reason.
func (x *examination) run(ctx context.Context, c check) error {
	err := skipFor(c, x.Input)
	if err == nil {
		err = c.run(x, ctx)
	}
	var reason skip
	switch {
	case err == nil:
		x.report.Checks++
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, db.ErrUnavailable), errors.Is(err, db.ErrUnauthorized), errors.Is(err, db.ErrBusy):
		return err
	case errors.As(err, &reason):
	case errors.Is(err, db.ErrCorrupt):
		reason = "the database is damaged"
	default:
		reason = skip(err.Error())
	}
	x.report.Skipped = append(x.report.Skipped, Skipped{c.name, string(reason)})
	return nil
}

// found adds a finding.
func (x *examination) found(severity Severity, object, remedy, problem string, args ...any) {
	x.report.Findings = append(x.report.Findings, Finding{x.check, severity, object, fmt.Sprintf(problem, args...), remedy})
}

// countLimit limits the rows of a table that are counted.
const countLimit = 10_000

// catalog returns the tables, which it reads once.
func (x *examination) catalog(ctx context.Context) ([]*catalog.Table, error) {
	if x.tables != nil {
		return x.tables, nil
	}
	var err error
	x.tables, err = catalog.Read(ctx, x.Pool)
	return x.tables, err
}

// rows returns the number of rows of each table, up to countLimit.
func (x *examination) rows(ctx context.Context) (map[string]int64, error) {
	if x.counts != nil {
		return x.counts, nil
	}
	tables, err := x.catalog(ctx)
	if err != nil {
		return nil, err
	}
	x.counts, err = catalog.Rows(ctx, x.Pool, tables, countLimit)
	return x.counts, err
}

// atLeast returns a number of rows for a message.
func atLeast(rows int64) string {
	if rows > countLimit {
		return fmt.Sprintf("more than %d rows", countLimit)
	}
	return count(rows, "row")
}

// count returns a number with a noun.
func count(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
