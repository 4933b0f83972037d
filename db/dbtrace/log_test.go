package dbtrace_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/duolite/duolite/db/dbtrace"
)

// records returns the records that a Logger writes for calls, without their times.
func records(t *testing.T, l *dbtrace.Logger, calls ...dbtrace.Call) string {
	t.Helper()
	var out bytes.Buffer
	l.Log = slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}))
	for _, call := range calls {
		l.End(l.Start(t.Context(), &call), &call)
	}
	return out.String()
}

const getBook = "-- name: GetBook :one\nSELECT * FROM books WHERE id = ?"

func TestLogger(t *testing.T) {
	explain := func() ([]string, error) { return []string{"SCAN books", "  SCAN authors"}, nil }
	failing := func() ([]string, error) { return nil, errors.New("no plan") }
	query := dbtrace.Call{Op: dbtrace.Query, Name: "GetBook", Text: getBook, Statements: 1, Duration: time.Millisecond, Rows: 1}
	slow := query
	slow.Duration, slow.Explain = time.Second, explain
	failed := query
	failed.Err, failed.Explain = errors.New("broken"), explain
	for _, tt := range []struct {
		name  string
		log   *dbtrace.Logger
		calls []dbtrace.Call
		want  string
	}{
		{"a query", &dbtrace.Logger{Level: slog.LevelDebug}, []dbtrace.Call{query}, "level=DEBUG msg=query name=GetBook duration=1ms rows=1\n"},
		{"a slow query, twice", &dbtrace.Logger{Slow: time.Second}, []dbtrace.Call{slow, slow},
			`level=WARN msg="slow query" name=GetBook duration=1s rows=1 sql="SELECT * FROM books WHERE id = ?" plan="SCAN books\n  SCAN authors"` + "\n" +
				`level=WARN msg="slow query" name=GetBook duration=1s rows=1 sql="SELECT * FROM books WHERE id = ?"` + "\n"},
		{"no limit", &dbtrace.Logger{}, []dbtrace.Call{slow}, "level=INFO msg=query name=GetBook duration=1s rows=1\n"},
		{"without a plan", &dbtrace.Logger{Slow: time.Second, NoPlan: true}, []dbtrace.Call{slow}, `level=WARN msg="slow query" name=GetBook duration=1s rows=1 sql="SELECT * FROM books WHERE id = ?"` + "\n"},
		{"a plan that fails", &dbtrace.Logger{Slow: time.Second}, []dbtrace.Call{{Op: dbtrace.Exec, Text: "x", Statements: 1, Duration: time.Minute, Explain: failing}},
			`level=WARN msg="slow exec" duration=1m0s sql=x plan_error="no plan"` + "\n"},
		{"an error", &dbtrace.Logger{Slow: time.Second}, []dbtrace.Call{failed}, `level=WARN msg=query name=GetBook duration=1ms rows=1 error=broken sql="SELECT * FROM books WHERE id = ?"` + "\n"},
		{"a batch", &dbtrace.Logger{}, []dbtrace.Call{{Op: dbtrace.Batch, Name: "A+B", Statements: 7, Requests: 3, Repeats: 1, Waited: time.Second, Args: []any{1, "a"}}},
			`level=INFO msg=batch name=A+B duration=0s statements=7 requests=3 repeats=1 waited=1s args="[1 a]"` + "\n"},
		{"a transaction", &dbtrace.Logger{Slow: time.Second}, []dbtrace.Call{{Op: dbtrace.Transaction, Duration: time.Hour, Committed: true}}, "level=INFO msg=transaction duration=1h0m0s committed=true\n"},
		{"a connection", &dbtrace.Logger{}, []dbtrace.Call{{Op: dbtrace.Connect, Database: "app.db"}}, "level=INFO msg=connect duration=0s database=app.db\n"},
		{"a level above", &dbtrace.Logger{Level: slog.LevelDebug - 1}, []dbtrace.Call{query}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := records(t, tt.log, tt.calls...); got != tt.want {
				t.Errorf("got\n%swant\n%s", got, tt.want)
			}
		})
	}
}

// TestLoggerCanceled: the error of a context that has ended is no fault.
func TestLoggerCanceled(t *testing.T) {
	var out bytes.Buffer
	l := dbtrace.Logger{Log: slog.New(slog.NewTextHandler(&out, nil))}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	l.End(ctx, &dbtrace.Call{Op: dbtrace.Query, Name: "GetBook", Text: getBook, Err: ctx.Err()})
	if !strings.Contains(out.String(), "level=INFO") {
		t.Errorf("the record is %q, want level=INFO", &out)
	}
}

// TestLoggerLongText: a record has the beginning of a long text.
func TestLoggerLongText(t *testing.T) {
	var l dbtrace.Logger
	got := records(t, &l, dbtrace.Call{Op: dbtrace.Exec, Text: strings.Repeat("é", 5000), Statements: 1})
	if len(got) > 2100 || !strings.Contains(got, "é…") {
		t.Errorf("the record has %d bytes: %.60s", len(got), got)
	}
}

func TestOp(t *testing.T) {
	for op, want := range map[dbtrace.Op]string{dbtrace.Query: "query", dbtrace.Ping: "ping", 0: "unknown", 99: "unknown"} {
		if got := op.String(); got != want {
			t.Errorf("Op(%d) is %q, want %q", int(op), got, want)
		}
	}
}
