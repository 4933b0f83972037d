package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/duolite/duolite/cmd/duolite/internal/catalog"
	"github.com/duolite/duolite/internal/decide"
	"github.com/duolite/duolite/internal/sqltext"
)

// manyRows is the number of rows from which on reading a whole table is worth a finding.
const manyRows = 1_000

// A plan is SQLite's plan of a query, with the steps of all variants that were tried.
type plan struct {
	query Query
	steps []string
}

// queries has the database plan each query of the project. A query that doesn't compile is a finding, as is one that
// reads all rows of a large table.
func (x *examination) queries(ctx context.Context) error {
	if x.NoQueries != "" {
		return skip(x.NoQueries)
	}
	counts, err := x.rows(ctx)
	if err != nil {
		return err
	}
	aliases, err := x.viewAliases(ctx)
	if err != nil {
		return err
	}
	x.plans = []plan{}
	for _, q := range x.Queries {
		p, problem, err := x.plan(ctx, q)
		switch {
		case err != nil:
			return err
		case problem != "":
			if err := x.uncompiled(ctx, q, problem); err != nil {
				return err
			}
		default:
			x.plans = append(x.plans, p)
			x.scans(p, counts, aliases)
		}
	}
	return nil
}

// plan returns the plan of a query, or SQLite's message if it doesn't compile.
func (x *examination) plan(ctx context.Context, q Query) (p plan, problem string, err error) {
	p.query = q
	for _, args := range argumentsOf(&q.Statement) {
		steps, err := x.planOf(ctx, q.Statement.Text, args)
		if problem := sqlProblem(err); problem != "" {
			return p, problem, nil
		}
		if err != nil {
			return p, "", err
		}
		for _, step := range steps {
			if !slices.Contains(p.steps, step) {
				p.steps = append(p.steps, step)
			}
		}
	}
	return p, "", nil
}

// argumentsOf returns arguments for a statement: NULL for each parameter. A dynamic statement has variants, so there
// are more: each parameter alone isn't NULL, all aren't, and each has the literals with which it is compared.
func argumentsOf(s *sqltext.Statement) [][]any {
	n := len(s.Params)
	all := [][]any{make([]any, n)}
	dynamic := decide.New(s)
	if !decide.IsMarked(s) || dynamic == nil {
		return all
	}
	full := slices.Repeat([]any{int64(1)}, n)
	add := func(index int, value any) {
		if value != nil && index < n {
			args := make([]any, n)
			args[index] = value
			filled := slices.Clone(full)
			filled[index] = value
			all = append(all, args, filled)
		}
	}
	all = append(all, full)
	for i := range n {
		add(i, int64(1))
	}
	for _, use := range dynamic.Uses() {
		for _, literal := range use.With {
			add(use.Index, literal)
		}
	}
	return all
}

// planOf returns the steps of a statement's plan.
func (x *examination) planOf(ctx context.Context, statement string, args []any) (steps []string, err error) {
	err = catalog.Each(ctx, x.Pool, "EXPLAIN QUERY PLAN "+statement, func(scan func(...any) error) error {
		var id, parent, unused any
		var step string
		err := scan(&id, &parent, &unused, &step)
		steps = append(steps, step)
		return err
	}, args...)
	return steps, err
}

// uncompiled reports a query that the database doesn't compile.
func (x *examination) uncompiled(ctx context.Context, q Query, problem string) error {
	own, err := x.foreignName(ctx, q.Statement.Text)
	if err != nil {
		return err
	}
	severity, remedy := Warning, "duolite migrate up, if a migration is pending; otherwise change the query"
	if own != "" {
		severity, remedy = Note, ownRemedy(own)
	}
	x.found(severity, q.object(), remedy, "the query doesn't compile on this database: %s", problem)
	return nil
}

// scans reports the tables of which a plan reads all rows, if they are large.
func (x *examination) scans(p plan, counts map[string]int64, views map[string]map[string]string) {
	aliases := aliasesOf(p.query.Statement.Text, counts)
	for view, inside := range views {
		if mentions(p.query.Statement.Text, view) {
			for alias, table := range inside {
				if _, known := aliases[alias]; !known {
					aliases[alias] = table
				}
			}
		}
	}
	var scanned []string
	ends := endsEarly(p)
	for _, step := range p.steps {
		words := strings.Fields(step)
		if len(words) < 2 {
			continue
		}
		table, known := aliases[strings.ToLower(words[1])]
		switch rows := counts[table]; {
		case !known || rows < manyRows:
		case words[0] == "SEARCH" && strings.Contains(step, " USING AUTOMATIC "):
			_, columns, _ := strings.Cut(step, "INDEX ")
			x.found(Warning, p.query.object(), "CREATE INDEX on these columns of "+table,
				"SQLite makes an index %s of %s (%s) each time that the query runs", columns, table, atLeast(rows))
		case words[0] == "SCAN" && !ends && !strings.Contains(step, "VIRTUAL TABLE") && !slices.Contains(scanned, table):
			scanned = append(scanned, table)
		}
	}
	for _, table := range scanned {
		x.found(Note, p.query.object(), "none, if the query needs all rows or has a LIMIT; otherwise an index on the columns of its conditions",
			"reads the whole table %s (%s)", table, atLeast(counts[table]))
	}
}

// endsEarly reports whether a query stops to read at its LIMIT: it has no condition and sorts nothing.
func endsEarly(p plan) bool {
	return mentions(p.query.Statement.Text, "limit") && !mentions(p.query.Statement.Text, "where") && !mentions(p.query.Statement.Text, "group") &&
		!slices.ContainsFunc(p.steps, func(step string) bool { return strings.HasPrefix(step, "USE TEMP B-TREE") })
}

// object returns the query's name and place.
func (q Query) object() string { return fmt.Sprintf("%s (%s:%d)", q.Name, q.File, q.Line) }
