package dbcheck

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"reflect"
	"slices"
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
			c.Samples[reflect.TypeFor[T]()] = append(c.Samples[reflect.TypeFor[T]()], reflect.ValueOf(v))
		}
	}
}

// OpenWith opens the databases of the check with options of [db.Open], such as [db.WithFunction] for the
// functions that queries call, or [db.WithAfterConnect] for temporary tables. The databases are in memory.
func OpenWith(opts ...db.Option) Option {
	return func(c *checker) { c.Options = append(c.Options, opts...) }
}

// Server has each statement compiled on a libSQL server too. pool is a pool of that server. SQL
// that only SQLite knows is then a finding, and SQL that only the server knows passes.
//
// The server's database must be empty, or have exactly this schema. Otherwise the check
// fails before anything is compiled. If it is empty, the statements of the schema run in it, in a
// transaction that is rolled back. No other statement runs, and nothing is left behind.
func Server(pool *sql.DB) Option {
	return func(c *checker) { c.Server = pool }
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
	for _, note := range []struct {
		says    string
		methods []string
	}{
		{"compiled by the server alone, so that the types of their columns aren't proven", report.ServerOnly},
		{"returned no row for any data that was tried, so that the types of their columns aren't proven", report.Unseen},
		{"interface{} in Go, as sqlc knows no type; a CAST gives one", report.Untyped},
	} {
		if len(note.methods) > 0 {
			t.Logf("%s: %s", note.says, strings.Join(note.methods, ", "))
		}
	}
}

// Check is [Queries] for a program. It returns an error if it can't check: the schema
// can't be made, or newQueries isn't a function that sqlc generates.
func Check[DBTX, Q any](ctx context.Context, newQueries func(DBTX) *Q, schema, queries fs.FS, opts ...Option) (Report, error) {
	c := &checker{variants: map[*call.Binding][]trial.Variant{}, Input: trial.Input{Schema: schema, Tap: &call.Tap{Replay: replay.Open()}, Samples: value.Samples{}}}
	for _, opt := range opts {
		opt(c)
	}
	defer c.Tap.Replay.Close()
	dbtx, ok := any(c.Tap).(DBTX)
	if !ok {
		return Report{}, fmt.Errorf("the function New takes %v, which isn't the DBTX that sqlc generates", reflect.TypeFor[DBTX]())
	}
	folder, err := source.ReadFolder(queries)
	if err != nil {
		return Report{}, err
	}
	c.Queries, c.report.Findings = folder.Queries, folderFindings(folder)
	c.findMethods(reflect.ValueOf(newQueries(dbtx)), reflect.ValueOf(&dbtx).Elem())
	if c.databases, err = trial.Open(ctx, c.Input); err != nil {
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

// Source reads the queries of a folder, before sqlc does. It returns the mistakes at which sqlc
// 1.31 stops without a clear message, and the ones that become code that doesn't compile: there [Check]
// comes too late. It also returns the mistakes that don't depend on sqlc.yaml.
func Source(queries fs.FS) ([]Finding, error) {
	folder, err := source.ReadFolder(queries)
	if err != nil {
		return nil, err
	}
	findings := folderFindings(folder)
	noColumns := func(string, value.Class) bool { return false } // the schema isn't known
	for _, q := range folder.Queries {
		findings = append(findings, allowed(q, slices.Concat(
			each(func(c check) []Finding { return apply(c.before, q) }),
			each(func(c check) []Finding { return applyBoth(c.text, q, noColumns) }),
		))...)
	}
	sortFindings(findings)
	return findings, nil
}

// folderFindings returns the findings about a folder as a whole.
func folderFindings(f *source.Folder) []Finding {
	return append(wrongOptOuts(f), each(func(c check) []Finding { return apply(c.folder, f) })...)
}
