package otelsql_test

import (
	"context"
	"database/sql"
	"errors"
	"testing"

	"github.com/XSAM/otelsql"
	"github.com/duolite/duolite/db"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
)

type dbtx interface {
	ExecContext(context.Context, string, ...any) (sql.Result, error)
}

// TestBatch wants a batch to be one span.
func TestBatch(t *testing.T) {
	connector, err := db.NewConnector(":memory:")
	if err != nil {
		t.Fatal(err)
	}
	recorder := tracetest.NewSpanRecorder()
	provider := trace.NewTracerProvider(trace.WithSpanProcessor(recorder))
	pool := otelsql.OpenDB(connector, otelsql.WithTracerProvider(provider))
	defer pool.Close()
	if err := pool.PingContext(t.Context()); err != nil {
		t.Fatal(err)
	}
	before := len(recorder.Ended())
	b := db.NewBatch(pool, func(d dbtx) dbtx { return d })
	var calls []*db.Future[sql.Result]
	for _, text := range []string{"CREATE TABLE t (x)", "INSERT INTO t VALUES (1)", "DELETE FROM t"} {
		calls = append(calls, db.Queue(b, func(d dbtx) (sql.Result, error) { return d.ExecContext(t.Context(), text) }))
	}
	err = b.Run(t.Context())
	for _, f := range calls {
		err = errors.Join(err, f.Err())
	}
	if err != nil {
		t.Error(err)
	}
	var names []string
	for _, span := range recorder.Ended()[before:] {
		names = append(names, span.Name())
	}
	if len(names) != 2 || names[0] != "sql.conn.reset_session" || names[1] != "sql.conn.exec" {
		t.Errorf("spans %v", names)
	}
}
