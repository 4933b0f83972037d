package queries_test

import (
	"context"
	"database/sql"
	"reflect"
	"testing"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbsqlc"
	"github.com/duolite/duolite/db/dbtest"
	"github.com/duolite/duolite/db/dbtype"
	"github.com/duolite/duolite/schema"
	"github.com/google/go-cmp/cmp"
)

// batched is a DBTX that makes each statement a batch of its own.
type batched struct {
	*sql.DB
}

func same(d dbsqlc.DBTX) dbsqlc.DBTX { return d }

func (d batched) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	b := db.NewBatch(d.DB, same)
	f := db.Queue(b, func(d dbsqlc.DBTX) (sql.Result, error) { return d.ExecContext(ctx, query, args...) })
	_ = b.Run(ctx) // the call has its error
	return f.Get()
}

func (d batched) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	b := db.NewBatch(d.DB, same)
	f := db.Queue(b, func(d dbsqlc.DBTX) (*sql.Rows, error) { return d.QueryContext(ctx, query, args...) })
	_ = b.Run(ctx)
	return f.Get()
}

func (d batched) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	b := db.NewBatch(d.DB, same)
	var row *sql.Row
	f := db.Queue(b, func(d dbsqlc.DBTX) (struct{}, error) {
		row = d.QueryRowContext(ctx, query, args...)
		return struct{}{}, row.Err()
	})
	_ = b.Run(ctx)
	_ = f.Err() // which the row has as well
	return row
}

// TestBatched runs the tests of all queries with each statement in a batch.
func TestBatched(t *testing.T) {
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		pool := d.Open(t, schema.FS)
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				empty(t, pool)
				test.test(t, dbsqlc.New(batched{pool}))
			})
		}
	})
}

// TestBatch calls every generated method in one batch, and plainly, one after the other,
// on the same data: with the same results and the same errors.
func TestBatch(t *testing.T) {
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		pool := d.Open(t, schema.FS)
		methods := reflect.TypeFor[dbsqlc.Querier]()
		fill(t, pool)
		b := db.NewBatch(pool, dbsqlc.New, db.WithIndependentCalls())
		var calls []*db.Future[any]
		for i := range methods.NumMethod() {
			calls = append(calls, db.Queue(b, func(q *dbsqlc.Queries) (any, error) { return call(t, q, methods.Method(i)) }))
		}
		runErr := b.Run(t.Context())
		fill(t, pool)
		failed := false
		for i, f := range calls {
			got, err := f.Get()
			want, wantErr := call(t, dbsqlc.New(pool), methods.Method(i))
			if diff := cmp.Diff(text(wantErr), text(err)); diff != "" {
				t.Errorf("%s: error (-plain +batch):\n%s", methods.Method(i).Name, diff)
			}
			if diff := cmp.Diff(want, got, cmp.Comparer(sameTime)); diff != "" {
				t.Errorf("%s (-plain +batch):\n%s", methods.Method(i).Name, diff)
			}
			failed = failed || wantErr != nil && wantErr != sql.ErrNoRows
		}
		if failed != (runErr != nil) {
			t.Errorf("Run: %v", runErr)
		}
	})
}

// sameTime takes any two times for the same that the database has set: none that the
// program hands to it is as late.
func sameTime(a, b dbtype.Time) bool {
	return a.Equal(b.Time) || a.After(day(2).Time) && b.After(day(2).Time)
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// fill leaves a bookmark, the tag "go" and an attachment.
func fill(t *testing.T, pool *sql.DB) {
	t.Helper()
	empty(t, pool)
	q := dbsqlc.New(pool)
	bookmark := create(t, q, "https://go.dev/", day(1), "go")
	if _, err := pool.ExecContext(t.Context(), "UPDATE bookmarks SET id = 1 WHERE id = ?", bookmark.ID); err != nil {
		t.Fatal(err)
	}
}

// call calls a method with arguments that have something to find.
func call(t *testing.T, q *dbsqlc.Queries, method reflect.Method) (any, error) {
	in := []reflect.Value{reflect.ValueOf(t.Context())}
	for i := 1; i < method.Type.NumIn(); i++ {
		arg := reflect.New(method.Type.In(i)).Elem()
		set(arg)
		in = append(in, arg)
	}
	out := reflect.ValueOf(q).MethodByName(method.Name).Call(in)
	err, _ := out[len(out)-1].Interface().(error)
	if len(out) == 1 {
		return nil, err
	}
	return out[0].Interface(), err
}

// set gives an argument a value by its type.
func set(v reflect.Value) {
	switch at := v.Addr().Interface().(type) {
	case *dbtype.Time:
		*at = day(2)
		return
	case *dbtype.JSON:
		*at = dbtype.JSON(`{"lang":"en"}`)
		return
	case *[]byte:
		*at = []byte{0, 255}
		return
	}
	switch v.Kind() {
	case reflect.Int64:
		v.SetInt(1)
	case reflect.String:
		v.SetString("go")
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		set(v.Index(0))
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Field(i).CanSet() {
				set(v.Field(i))
			}
		}
	}
}
