package dbcheck

import (
	"context"
	"fmt"
	"io/fs"
	"reflect"
	"strings"
	"testing"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbcheck/internal/call"
	"github.com/duolite/duolite/db/dbcheck/internal/source"
	"github.com/duolite/duolite/db/dbcheck/internal/trial"
	"github.com/duolite/duolite/db/dbcheck/internal/value"
	"github.com/duolite/duolite/db/internal/replay"
)

// An Option changes a check.
type Option func(*checker)

// Values gives values of T with which methods are called. There must be at least two, and they
// must differ. Use it for a type that the package can't make values of, because it has no exported
// fields and its Scan takes no common value. A finding of [RuleUnchecked] names such types.
func Values[T any](a, b T, more ...T) Option {
	return func(c *checker) {
		for _, v := range append([]T{a, b}, more...) {
			c.samples[reflect.TypeFor[T]()] = append(c.samples[reflect.TypeFor[T]()], reflect.ValueOf(v))
		}
	}
}

// OpenWith opens the databases of the check with options of [db.Open], such as [db.WithFunction] for the
// functions that queries call, or [db.WithAfterConnect] for temporary tables. The databases are in memory.
func OpenWith(opts ...db.Option) Option {
	return func(c *checker) { c.options = append(c.options, opts...) }
}

// Queries fails t for each mistake in a query of the folder queries, and in the code that
// sqlc generated from it. newQueries is the New of that code, and schema the folder that sqlc.yaml
// names as the schema.
//
//	func TestQueries(t *testing.T) {
//		dbcheck.Queries(t, dbsqlc.New, schema.FS, os.DirFS("../queries"))
//	}
//
// It takes about a second, and needs no server.
func Queries[DBTX, Q any](t testing.TB, newQueries func(DBTX) *Q, schema, queries fs.FS, opts ...Option) {
	t.Helper()
	report, err := Check(context.Background(), newQueries, schema, queries, opts...)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range report.Findings {
		t.Errorf("%s (%s)", f, f.Rule)
	}
	t.Logf("%d methods checked", report.Methods)
	if len(report.ServerOnly) > 0 {
		t.Logf("compiled by the server alone, so that the types of their columns aren't proven: %s", strings.Join(report.ServerOnly, ", "))
	}
	if len(report.Unseen) > 0 {
		t.Logf("returned no row for any data that was tried, so that the types of their columns aren't proven: %s", strings.Join(report.Unseen, ", "))
	}
	if len(report.Untyped) > 0 {
		t.Logf("interface{} in Go, as sqlc knows no type; a CAST gives one: %s", strings.Join(report.Untyped, ", "))
	}
}

// Check is [Queries] for a program. It returns an error if it can't check: the schema
// can't be made, or newQueries isn't a function that sqlc generates.
func Check[DBTX, Q any](ctx context.Context, newQueries func(DBTX) *Q, schema, queries fs.FS, opts ...Option) (Report, error) {
	c := checker{ctx: ctx, subjects: subjects{tap: &call.Tap{Replay: replay.Open()}}, samples: value.Samples{}}
	for _, opt := range opts {
		opt(&c)
	}
	defer c.tap.Replay.Close()
	dbtx, ok := any(c.tap).(DBTX)
	if !ok {
		return Report{}, fmt.Errorf("the function New takes %v, which isn't the DBTX that sqlc generates", reflect.TypeFor[DBTX]())
	}
	folder, err := source.ReadFolder(queries)
	if err != nil {
		return Report{}, err
	}
	c.queries, c.report.Findings = folder.Queries, folderFindings(folder)
	c.findMethods(reflect.ValueOf(newQueries(dbtx)), reflect.ValueOf(&dbtx).Elem())
	c.databases, err = trial.Open(ctx, trial.Input{Schema: schema, Queries: c.queries, Methods: c.methods, Tap: c.tap, Samples: c.samples, Server: c.server, Options: c.options})
	if err != nil {
		return Report{}, err
	}
	defer c.databases.Close()
	if err := c.check(); err != nil {
		return Report{}, err
	}
	sortFindings(c.report.Findings)
	c.report.Plans = c.plans()
	for _, list := range c.databases.Lists() {
		c.report.Lists = append(c.report.Lists, List(list))
	}
	return c.report, nil
}
