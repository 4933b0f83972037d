package dbcheck

import (
	"context"
	"database/sql"
	"reflect"
	"slices"
	"strings"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbcheck/internal/call"
	"github.com/duolite/duolite/db/dbcheck/internal/source"
	"github.com/duolite/duolite/db/dbcheck/internal/value"
)

// A checker is one run of Check.
type checker struct {
	subjects
	ctx     context.Context
	samples value.Samples
	server  *sql.DB
	options []db.Option
	report  Report
}

// findMethods finds the methods of each query: the method of its name, and generated methods beside it
// that send its text, such as an iterator.
func (c *checker) findMethods(receiver, dbtx reflect.Value) {
	c.methods = map[string][]*call.Method{}
	for i := range receiver.NumMethod() {
		m := call.NewMethod(receiver.Type().Method(i), receiver, dbtx, c.samples)
		if m == nil {
			continue
		}
		name := m.Name
		if c.queryNamed(name) == nil {
			if !m.IsGenerated() {
				continue
			}
			f, err := m.Trace(c.tap, 1)
			if err != nil {
				continue
			}
			sent, _, ok := strings.Cut(strings.TrimPrefix(f.Text, "-- name: "), " ")
			if !ok || !strings.HasPrefix(f.Text, "-- name: ") {
				continue
			}
			name = sent
		}
		c.methods[name] = append(c.methods[name], m)
	}
}

// check adds the findings of all rules to the report.
func (c *checker) check() error {
	if err := c.objects(); err != nil {
		return err
	}
	if err := c.askServer(); err != nil {
		return err
	}
	if err := c.databases.Fill(); err != nil {
		return err
	}
	for _, q := range c.queries {
		c.query(q)
	}
	for _, r := range rules {
		if r.check.all == nil {
			continue
		}
		findings, err := r.check.all(&c.subjects)
		if err != nil {
			return err
		}
		for _, f := range r.stamp(findings) {
			if q := c.queryNamed(f.Query); q == nil || !q.OptsOut(string(r.name)) {
				c.report.Findings = append(c.report.Findings, f)
			}
		}
	}
	return nil
}

// objects checks the objects of the schema.
func (c *checker) objects() error {
	objects, err := c.databases.Objects()
	if err != nil {
		return err
	}
	for _, o := range objects {
		q := c.databases.AsQuery(o)
		var found []Finding
		for _, r := range rules {
			if r.check.text != nil {
				found = append(found, r.stamp(r.check.text(q, c.databases.IsColumn))...)
			}
			if r.check.object != nil {
				findings, err := r.check.object(&c.subjects, o, q)
				if err != nil {
					return err
				}
				found = append(found, r.stamp(findings)...)
			}
		}
		for _, f := range allowed(q, found) {
			f.Schema, f.Query = true, ""
			c.report.Findings = append(c.report.Findings, f)
		}
	}
	return nil
}

// query checks a query and its methods.
func (c *checker) query(q *source.Query) {
	findings := each(func(check check) []Finding { return applyBoth(check.text, q, c.databases.IsColumn) })
	methods := c.methods[q.Name]
	if len(methods) == 0 {
		findings = append(findings, each(func(check check) []Finding { return apply(check.missing, q) })...)
	}
	c.report.Findings = append(c.report.Findings, allowed(q, findings)...)
	var before []Finding // an iterator has the findings of its query's own method
	for _, m := range methods {
		c.report.Methods++
		findings := slices.DeleteFunc(c.method(q, m), func(f Finding) bool { return slices.ContainsFunc(before, f.isLike) })
		before = append(before, findings...)
		c.report.Findings = append(c.report.Findings, allowed(q, findings)...)
	}
}

// askServer has the server compile the statements of all methods.
func (c *checker) askServer() error {
	if c.server == nil {
		return nil
	}
	var texts []string
	for _, methods := range c.methods {
		for _, m := range methods {
			for _, length := range m.Lengths() {
				if f, err := m.Trace(c.tap, length); err == nil { // an error is a finding of its own
					texts = append(texts, f.Text)
				}
			}
		}
	}
	var err error
	c.refused, err = c.databases.Refused(texts)
	return err
}
