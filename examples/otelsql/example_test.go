// Package otelsql_test shows a wrapper of connectors around duolite's: otelsql, which makes
// an OpenTelemetry span of each call. It is a module of its own, so that the program
// that imports duolite doesn't get OpenTelemetry with it.
package otelsql_test

import (
	"context"
	"fmt"
	"log"
	"slices"
	"testing"

	"github.com/XSAM/otelsql"
	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbtest"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
)

func Example() {
	recorder := tracetest.NewSpanRecorder()
	if err := run(context.Background(), ":memory:", recorder); err != nil {
		log.Fatal(err)
	}
	for _, span := range recorder.Ended() {
		fmt.Println(span.Name())
	}
	// Output:
	// sql.connector.connect
	// sql.conn.exec
	// sql.conn.reset_session
	// sql.conn.begin_tx
	// sql.conn.exec
	// sql.tx.commit
	// sql.conn.reset_session
	// sql.conn.query
	// sql.rows
}

// run does a little of everything, each call a span of recorder's.
func run(ctx context.Context, url string, recorder *tracetest.SpanRecorder) error {
	connector, err := db.NewConnector(url)
	if err != nil {
		return err
	}
	provider := trace.NewTracerProvider(trace.WithSpanProcessor(recorder))
	pool := otelsql.OpenDB(connector, otelsql.WithTracerProvider(provider))
	defer pool.Close()

	if _, err := pool.ExecContext(ctx, "CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL)"); err != nil {
		return err
	}
	tx, err := pool.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if _, err := tx.ExecContext(ctx, "INSERT INTO notes (text) VALUES (?)", "traced"); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	var text string
	return pool.QueryRowContext(ctx, "SELECT text FROM notes WHERE id = ?", 1).Scan(&text)
}

// TestSameOnServer wants the same spans, whatever the URL says.
func TestSameOnServer(t *testing.T) {
	names := func(url string) (names []string) {
		recorder := tracetest.NewSpanRecorder()
		if err := run(t.Context(), url, recorder); err != nil {
			t.Fatal(err)
		}
		for _, span := range recorder.Ended() {
			names = append(names, span.Name())
		}
		return names
	}
	local, remote := names(":memory:"), names(dbtest.StartServer(t).URL())
	if !slices.Equal(local, remote) {
		t.Errorf("in memory %q, on a server %q", local, remote)
	}
}
