package dbcheck

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/duolite/duolite/db/dbcheck/internal/source"
	"github.com/duolite/duolite/db/dbcheck/internal/value"
)

// A checker is one run of Check.
type checker struct {
	ctx     context.Context
	schema  fs.FS
	pool    *sql.DB
	tables  []*table
	views   []string
	states  []*state
	filler  filler // of the states, without a pool
	tap     *tap
	samples value.Samples
	proven  []proven
	queries []*source.Query
	byQuery map[string][]*method
	report  Report
	// serverPool is the server's, or nil; refused has what it says of the statements that it
	// compiled, and serverOnly the statements of the schema that only it knows.
	serverPool *sql.DB
	refused    map[string]error
	serverOnly []string
}

// methods finds the methods of each query: that of its name, and those beside it that
// send its text, such as an iterator.
func (c *checker) methods(receiver, dbtx reflect.Value) {
	c.byQuery = map[string][]*method{}
	for i := range receiver.NumMethod() {
		m := newMethod(receiver.Type().Method(i), receiver, dbtx, c.samples)
		if m == nil {
			continue
		}
		name := m.name
		if c.queryNamed(name) == nil {
			f, err := m.trace(c.tap, 1)
			if err != nil {
				continue // written by hand
			}
			sent, _, ok := strings.Cut(strings.TrimPrefix(f.text, "-- name: "), " ")
			if !ok || !strings.HasPrefix(f.text, "-- name: ") {
				continue
			}
			name = sent
		}
		c.byQuery[name] = append(c.byQuery[name], m)
	}
}

func (c *checker) queryNamed(name string) *source.Query {
	for _, q := range c.queries {
		if q.Name == name {
			return q
		}
	}
	return nil
}

func (c *checker) check() error {
	c.stale()
	var err error
	if c.tables, err = readCatalog(c.ctx, c.pool); err != nil {
		return err
	}
	inSchema, err := c.schemaFindings()
	if err != nil {
		return err
	}
	c.report.Findings = append(c.report.Findings, inSchema...)
	if err := c.askServer(); err != nil {
		return err
	}
	if views, err := readRows(c.ctx, c.pool, "SELECT name FROM sqlite_schema WHERE type = 'view'"); err == nil {
		for _, row := range views.rows {
			c.views = append(c.views, row[0].(string))
		}
	}
	c.states, err = c.makeStates()
	defer func() {
		for _, s := range c.states {
			s.pool.Close()
		}
	}()
	if err != nil {
		return err
	}
	for _, q := range c.queries {
		c.report.Findings = append(c.report.Findings, allowed(q, homes(q, c.isColumnOf))...)
		var before []Finding // an iterator has what its query's own method has
		for _, m := range c.byQuery[q.Name] {
			c.report.Methods++
			findings := slices.DeleteFunc(c.method(q, m), func(f Finding) bool { return slices.ContainsFunc(before, f.isOf) })
			before = append(before, findings...)
			c.report.Findings = append(c.report.Findings, allowed(q, findings)...)
		}
	}
	inTimes, err := c.times()
	c.report.Findings = append(c.report.Findings, inTimes...)
	return err
}

// stale reports queries without a method, and methods whose query is gone.
func (c *checker) stale() {
	for _, q := range c.queries {
		if len(c.byQuery[q.Name]) == 0 {
			c.report.Findings = append(c.report.Findings, allowed(q, missing(q))...)
		}
	}
	for name, methods := range c.byQuery {
		if c.queryNamed(name) == nil {
			file, line := methods[0].position()
			c.report.Findings = append(c.report.Findings, Finding{File: filepath.Base(file), Line: line, Query: name, Rule: RuleStale,
				Message: "the generated code has a method for it, and the queries don't have it: generate the code anew, into an empty folder"})
		}
	}
}

// missing says why a query may have no method that can be seen.
func missing(q *source.Query) []Finding {
	if q.IsSkipped() {
		return skipped(q)
	}
	if first := q.Name[:1]; first != strings.ToUpper(first) || first == "_" {
		return []Finding{findingAt(q, q.Line, RuleUnchecked, "-- name: "+strings.ToUpper(first)+q.Name[1:]+" "+q.Cmd,
			"its method isn't exported, so that it can't be called")}
	}
	return []Finding{findingAt(q, q.Line, RuleStale, "", "the generated code has no method for it: generate it anew")}
}

// method returns what is wrong with a query's method.
func (c *checker) method(q *source.Query, m *method) []Finding {
	if !m.named {
		return []Finding{findingAt(q, q.Line, RuleUnchecked, "query_parameter_limit: 1 in sqlc.yaml, which is the default",
			"the names of its parameters aren't known, as its Go source can't be read")}
	}
	var f *flow
	var p *proof
	var wrong []Finding // that hides nothing else
	for _, length := range m.lengths() {
		var err error
		if f, err = m.trace(c.tap, length); errors.Is(err, errTextChanges) {
			return []Finding{findingAt(q, q.Line, RuleBinding, "another name for the query, or for its parameter",
				"the value of its argument is sent as SQL: the generated code has one name for both the text and the argument")}
		} else if err != nil {
			return []Finding{findingAt(q, q.Line, RuleUnchecked, unknownInstead(err), "its arguments can't be followed: %v", err)}
		}
		p = prove(q, m, f, length)
		if len(p.found) > 0 {
			return p.found
		}
		if length > 0 {
			wrong = c.argTypes(p)
		} else if empty := emptySlices(p); len(empty) > 0 {
			return empty
		}
	}
	if i := m.nilPointers(c.tap, f); i >= 0 {
		return []Finding{findingAt(q, q.Line, RuleBinding, "", "a nil %s doesn't arrive as NULL", m.args[i].called())}
	}
	if findings := c.quotedTexts(q, f); len(findings) > 0 {
		return findings
	}
	findings, serverOnly := c.compile(q, f)
	if len(findings) > 0 {
		return findings
	}
	if serverOnly {
		if m.name != q.Name { // an iterator sends the same
			return wrong
		}
		c.report.ServerOnly = append(c.report.ServerOnly, m.name)
		return wrong
	}
	if m.name == q.Name { // an iterator has its arguments
		c.proven = append(c.proven, proven{q, m, f, p})
	}
	return append(wrong, c.witness(q, m, f)...)
}

func unknownInstead(err error) string {
	var unknown *unknownTypeError
	if errors.As(err, &unknown) {
		return fmt.Sprintf("dbcheck.Values(a, b) with two values of %s as an option", value.TypeName(unknown.typ))
	}
	return ""
}

// lengths returns how many values to give slices.
func (m *method) lengths() []int {
	if slices.ContainsFunc(m.args, func(l argument) bool { return l.slice }) {
		return []int{3, 0, 1}
	}
	return []int{1}
}

// compile has SQLite compile the statement. What only the server compiles is right.
func (c *checker) compile(q *source.Query, f *flow) (findings []Finding, serverOnly bool) {
	stmt, err := c.pool.PrepareContext(c.ctx, f.text)
	if err == nil {
		err = stmt.Close()
	}
	refused, asked := c.refused[f.text]
	switch {
	case errors.Is(err, context.Canceled):
		return nil, false
	case err != nil && asked && refused == nil:
		return nil, true
	case err != nil:
		return []Finding{findingAt(q, q.Line, RuleCompile, "", "SQLite doesn't compile it with this schema: %v", err)}, false
	case refused != nil:
		return []Finding{findingAt(q, q.Line, RuleCompile, "", "the server doesn't compile it: %v", refused)}, false
	}
	return nil, false
}
