package dbcheck

import (
	"reflect"
	"slices"
	"strings"

	"github.com/duolite/duolite/db/dbcheck/internal/call"
	"github.com/duolite/duolite/db/dbcheck/internal/source"
	"github.com/duolite/duolite/db/dbcheck/internal/trial"
)

// A checker is one run of Check: all queries and methods, and the databases to try them in.
type checker struct {
	trial.Input
	databases *trial.Databases
	// refused has the server's errors about the statements of methods, nil for those that it
	// compiles.
	refused map[string]error
	// bindings are the methods whose arguments are proven.
	bindings []*call.Binding
	// variants are the variants of dynamic methods that were tried.
	variants map[*call.Binding][]trial.Variant
	report   Report
}

// queryNamed returns the query of a name, or nil.
func (c *checker) queryNamed(name string) *source.Query {
	for _, q := range c.Queries {
		if q.Name == name {
			return q
		}
	}
	return nil
}

// findMethods finds the methods of each query: the method of its name, and generated methods beside it
// that send its text, such as an iterator.
func (c *checker) findMethods(receiver, dbtx reflect.Value) {
	c.Methods = map[string][]*call.Method{}
	for i := range receiver.NumMethod() {
		m := call.NewMethod(receiver.Type().Method(i), receiver, dbtx, c.Samples)
		if m == nil {
			continue
		}
		name := m.Name
		if c.queryNamed(name) == nil {
			if !m.IsGenerated() {
				continue
			}
			f, err := m.Trace(c.Tap, 1)
			if err != nil {
				continue
			}
			words := strings.Fields(f.Text)
			if len(words) < 3 || words[0] != "--" || words[1] != "name:" {
				continue
			}
			name = words[2]
		}
		c.Methods[name] = append(c.Methods[name], m)
	}
}

// check adds the findings of all rules to the report.
func (c *checker) check() error {
	c.objects()
	if err := c.askServer(); err != nil {
		return err
	}
	if err := c.databases.Fill(); err != nil {
		return err
	}
	for _, q := range c.Queries {
		c.query(q)
	}
	for _, r := range rules {
		if r.check.all == nil {
			continue
		}
		findings, err := r.check.all(c)
		if err != nil {
			return err
		}
		for _, f := range r.stamp(findings) {
			c.add(c.queryNamed(f.Query), f)
		}
	}
	return nil
}

// add adds findings to the report, except those that the query opts out of. q is nil for a query that isn't there.
func (c *checker) add(q *source.Query, findings ...Finding) {
	if q != nil {
		findings = allowed(q, findings)
	}
	c.report.Findings = append(c.report.Findings, findings...)
}

// objects checks the objects of the schema.
func (c *checker) objects() {
	for _, o := range c.databases.Objects() {
		for _, f := range allowed(o.Query, slices.Concat(
			each(func(check check) []Finding { return applyBoth(check.text, o.Query, c.databases.IsColumn) }),
			each(func(check check) []Finding { return applyBoth(check.object, c, o) }),
		)) {
			f.Schema, f.Query = true, ""
			c.report.Findings = append(c.report.Findings, f)
		}
	}
}

// query checks a query and its methods.
func (c *checker) query(q *source.Query) {
	c.add(q, each(func(check check) []Finding { return applyBoth(check.text, q, c.databases.IsColumn) })...)
	methods := c.Methods[q.Name]
	if len(methods) == 0 {
		c.add(q, each(func(check check) []Finding { return apply(check.missing, q) })...)
	}
	var before []Finding // an iterator has the findings of its query's own method
	for _, m := range methods {
		c.report.Methods++
		findings := slices.DeleteFunc(c.method(q, m), func(f Finding) bool { return slices.ContainsFunc(before, f.isLike) })
		before = append(before, findings...)
		c.add(q, findings...)
	}
}

// askServer has the server compile the statements of all methods.
func (c *checker) askServer() (err error) {
	if c.Server == nil {
		return nil
	}
	var texts []string
	for _, methods := range c.Methods {
		for _, m := range methods {
			for _, length := range m.Lengths() {
				if f, err := m.Trace(c.Tap, length); err == nil { // an error is a finding of its own
					texts = append(texts, f.Text)
				}
			}
		}
	}
	c.refused, err = c.databases.Refused(texts)
	return err
}

// plans returns the plans of all methods whose arguments are proven.
func (c *checker) plans() (plans []Plan) {
	for _, b := range c.bindings {
		q := b.Query
		add := func(variant string, steps []string) {
			p := Plan{File: q.File, Line: q.Line, Query: q.Name, Variant: variant}
			for _, step := range steps {
				p.Steps = append(p.Steps, Step{step, isScan(step)})
			}
			plans = append(plans, p)
		}
		add("", c.databases.PlanOf(b))
		for _, v := range c.variants[b] {
			add(v.Outcomes, v.Plan)
		}
	}
	return plans
}
