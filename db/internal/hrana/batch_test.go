package hrana

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/hrana/transport"
	"github.com/duolite/duolite/internal/sqltext"
)

// The suites of dbtest run batches on a real server. These tests have answers that a real server
// doesn't give.

// twoSteps returns a write with rows and a write without.
func twoSteps() []engine.Step {
	first := sqltext.Split("INSERT INTO t VALUES (1) RETURNING x")
	second := sqltext.Split("INSERT INTO t VALUES (2)")
	return []engine.Step{{Statement: &first[0], Rows: true}, {Statement: &second[0]}}
}

// runBatch runs a batch in a transaction of its own, and returns its replies as text.
func runBatch(t *testing.T, url string, large bool) (string, *engine.Error, *conn) {
	t.Helper()
	c := newConn(t, transport.Config{URL: url})
	if err := c.Begin(t.Context(), engine.Write); err != nil {
		t.Fatal(err)
	}
	replies, err := c.Batch(t.Context(), &engine.Batch{Steps: twoSteps(), Large: large, MaxBytes: 1 << 20, MaxSteps: 100})
	var failed *engine.Error
	if err != nil && !errors.As(err, &failed) {
		t.Fatalf("error %v (%T)", err, err)
	}
	if len(replies) != 2 {
		t.Fatalf("%d replies", len(replies))
	}
	var text strings.Builder
	for _, reply := range replies {
		switch {
		case reply.Err != nil:
			fmt.Fprintf(&text, "error %v, ", reply.Err)
		case !reply.Done:
			text.WriteString("nothing, ")
		default:
			fmt.Fprintf(&text, "%d changed", reply.Result.RowsAffected)
			if reply.Rows != nil {
				row := make([]driver.Value, len(reply.Rows.Columns()))
				for reply.Rows.Next(row) != io.EOF {
					fmt.Fprintf(&text, " %v", row)
				}
			}
			text.WriteString(", ")
		}
	}
	return strings.TrimSuffix(text.String(), ", "), failed, c
}

// cursorLines answers a cursor request with lines, and any other request as get_autocommit.
func cursorLines(lines ...string) func(http.ResponseWriter, *http.Request, int, string) {
	return func(w http.ResponseWriter, r *http.Request, _ int, _ string) {
		if !strings.HasSuffix(r.URL.Path, "cursor") {
			fmt.Fprint(w, `{"baton":"b","results":[{"type":"ok","response":{"type":"get_autocommit","is_autocommit":true}}]}`)
			return
		}
		fmt.Fprintln(w, `{"baton":"b","base_url":null}`)
		for _, line := range lines {
			fmt.Fprintln(w, line)
		}
	}
}

func stepLines(step int, rows ...string) []string {
	cols := ""
	if len(rows) > 0 {
		cols = `{"name":"x","decltype":"INT"}`
	}
	lines := []string{fmt.Sprintf(`{"type":"step_begin","step":%d,"cols":[%s]}`, step, cols)}
	for _, row := range rows {
		lines = append(lines, `{"type":"row","row":[{"type":"integer","value":"`+row+`"}]}`)
	}
	return append(lines, `{"type":"step_end","affected_row_count":1,"last_insert_rowid":`+fmt.Sprint(step)+`}`)
}

func TestBatchByCursor(t *testing.T) {
	t.Parallel()
	// The steps are BEGIN, the two of the batch, COMMIT, ROLLBACK and lastStep.
	var ran []string
	for step, rows := range [][]string{nil, {"7", "8"}, nil} {
		ran = append(ran, stepLines(step, rows...)...)
	}
	plus := func(lines ...string) []string { return append(append([]string{}, ran...), lines...) }
	failed := func(step int) string {
		return fmt.Sprintf(`{"type":"step_error","step":%d,"error":{"message":"SQLite error: UNIQUE constraint failed: t.x","code":"SQLITE_CONSTRAINT"}}`, step)
	}
	const done = "1 changed [7] [8], 1 changed"
	for _, tt := range []struct {
		what    string
		lines   []string
		want    string
		kind    error
		unknown bool
	}{
		{"all of it", plus(stepLines(3)...), done, nil, false},
		{"fields that are new", plus(append([]string{`{"type":"news","x":[{}]}`}, stepLines(3)...)...), done, nil, false},
		{"no COMMIT", plus(), "nothing, nothing", engine.ErrUnavailable, true},
		{"the end within COMMIT", plus(stepLines(3)[0]), "nothing, nothing", engine.ErrUnavailable, true},
		{"the end within rows", ran[:4], "nothing, nothing", engine.ErrUnavailable, true},
		{"the end after BEGIN", ran[:2], "nothing, nothing", engine.ErrUnavailable, true},
		{"the end after the first", ran[:6], "nothing, nothing", engine.ErrUnavailable, true},
		{"the end after COMMIT", plus(stepLines(3)...), "nothing, nothing", engine.ErrUnavailable, true},
		{"not even an end", nil, "nothing, nothing", engine.ErrUnavailable, true},
		{"nothing", nil, "nothing, nothing", engine.ErrTxLost, false},
		{"an error of COMMIT", plus(append([]string{failed(3)}, stepLines(4)...)...), done, engine.ErrUnique, false},
		{"an error of the second", append(append(append([]string{}, ran[:6]...), failed(2)), stepLines(4)...), "1 changed [7] [8], error UNIQUE constraint failed: t.x", nil, false},
		{"an error after rows", append(append(append([]string{}, ran[:4]...), failed(1)), stepLines(4)...), "error UNIQUE constraint failed: t.x, nothing", nil, false},
		{"an error of BEGIN", []string{failed(0)}, "nothing, nothing", engine.ErrUnique, false},
		{"an error of all", plus(`{"type":"error","error":{"message":"no","code":"NO"}}`), "nothing, nothing", nil, false},
		{"a step that there isn't", plus(stepLines(6)...), "nothing, nothing", engine.ErrUnavailable, true},
		{"a step that comes twice", plus(stepLines(2)...), "nothing, nothing", engine.ErrUnavailable, true},
		{"a step within another", append(append([]string{}, ran[:4]...), stepLines(2)...), "nothing, nothing", engine.ErrUnavailable, true},
		{"an end without a beginning", plus(stepLines(3)[1]), "nothing, nothing", engine.ErrUnavailable, true},
		{"a row of no step", plus(`{"type":"row","row":[]}`), "nothing, nothing", engine.ErrUnavailable, true},
		{"a row that is too wide", append(append([]string{}, ran[:4]...), `{"type":"row","row":[{"type":"null"},{"type":"null"}]}`), "nothing, nothing", engine.ErrUnavailable, true},
		{"no JSON", plus("<html>"), "nothing, nothing", engine.ErrUnavailable, true},
	} {
		lines := tt.lines
		if !tt.unknown {
			lines = append(slices.Clip(lines), stepLines(5)...)
		}
		got, err, c := runBatch(t, script(t, cursorLines(lines...)), true)
		if tt.what == "an error of all" {
			if err == nil || err.Message != "no" {
				t.Errorf("%s: error %v", tt.what, err)
			}
			continue
		}
		switch {
		case (err != nil) != (tt.kind != nil), err != nil && (err.Kind != tt.kind || err.OutcomeUnknown != tt.unknown):
			t.Errorf("%s: error %+v, want of the kind %v, unknown %v", tt.what, err, tt.kind, tt.unknown)
		case got != tt.want:
			t.Errorf("%s: got %q, want %q", tt.what, got, tt.want)
		}
		if c.InTx() {
			t.Errorf("%s: the transaction is open", tt.what)
		}
	}
}

func TestBatchReplies(t *testing.T) {
	t.Parallel()
	reply := func(first string, autocommit bool) string {
		return fmt.Sprintf(`{"baton":"b","results":[%s,{"type":"ok","response":{"type":"get_autocommit","is_autocommit":%v}}]}`, first, autocommit)
	}
	steps := func(results ...string) string {
		nulls := strings.TrimSuffix(strings.Repeat("null,", len(results)), ",")
		return `{"type":"ok","response":{"type":"batch","result":{"step_results":[` + strings.Join(results, ",") + `],"step_errors":[` + nulls + `]}}}`
	}
	const ok = `{"cols":[],"rows":[],"affected_row_count":1,"last_insert_rowid":"1"}`
	const large = `{"type":"error","error":{"message":"Response is too large","code":"RESPONSE_TOO_LARGE"}}`
	for _, tt := range []struct {
		what, body string
		kind       error
		unknown    bool
		large      bool
	}{
		{"all of it", reply(steps(ok, ok, ok, ok, "null"), true), nil, false, false},
		{"too few steps", reply(steps(ok, ok, ok), true), engine.ErrUnavailable, true, false},
		{"no result of COMMIT", reply(steps(ok, ok, ok, "null", ok), true), engine.ErrTxLost, false, false},
		{"a step that was skipped", reply(steps(ok, "null", ok, ok, "null"), true), engine.ErrTxLost, false, false},
		{"too large, and rolled back or not begun", reply(large, false), engine.ErrTooBig, false, true},
		{"too large, and perhaps committed", reply(large, true), engine.ErrTooBig, true, true},
		{"no JSON", "<html>", engine.ErrUnavailable, true, false},
	} {
		_, err, _ := runBatch(t, script(t, always200(tt.body)), false)
		if (err != nil) != (tt.kind != nil) || err != nil && (err.Kind != tt.kind || err.OutcomeUnknown != tt.unknown || errors.Is(err, engine.ErrLarge) != tt.large) {
			t.Errorf("%s: error %+v, want of the kind %v, unknown %v, large %v", tt.what, err, tt.kind, tt.unknown, tt.large)
		}
		if tt.large && strings.Contains(err.Message, "may have run") != tt.unknown {
			t.Errorf("%s: error %q", tt.what, err.Message)
		}
	}
}
