package hrana

import (
	"database/sql/driver"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/hrana/transport"
	"github.com/duolite/duolite/db/internal/hrana/wire"
)

// FuzzOutcome takes any reply for the answer to a statement, in each state of a transaction.
func FuzzOutcome(f *testing.F) {
	for _, reply := range []string{
		okReply, txReply,
		`{"baton":"x","base_url":null,"results":[{"type":"ok","response":{"type":"get_autocommit","is_autocommit":true}}]}`,
		`{"baton":"x","base_url":"http://a","results":[{"type":"error","error":{"message":"SQL input error: no such column: size (at offset 7)","code":"SQL_INPUT_ERROR"}}]}`,
		`{"baton":null,"base_url":null,"results":[{"type":"ok","response":{"type":"batch","result":{"step_results":[{"cols":[],"rows":[],"affected_row_count":0,"last_insert_rowid":null},null],"step_errors":[null,{"message":"SQLite error: UNIQUE constraint failed: t.id","code":"SQLITE_CONSTRAINT"}],"replication_index":"52"}}},{"type":"ok","response":{"type":"get_autocommit","is_autocommit":false}}]}`,
		`{"results":[{"type":"error","error":{"message":"Response is too large","code":"RESPONSE_TOO_LARGE"}},{"type":"ok","response":{"type":"get_autocommit","is_autocommit":true}}]}`,
	} {
		f.Add([]byte(reply))
	}
	requests := []*wire.Request{
		{Steps: make([]wire.Step, 1)},
		{Steps: make([]wire.Step, 2), Batch: true, Autocommit: true},
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, q := range requests {
			rep, err := wire.JSON.DecodeReply(data, q, nil)
			if err != nil {
				continue
			}
			for _, was := range []txState{idle, pending, open, raw} {
				c := &conn{state: was}
				if q.Autocommit {
					c.settle(rep, false)
				}
				r, err := c.outcome(was, 0, &rep.Results[0])
				if err != nil {
					_ = err.Error()
					continue
				}
				readRows(t, &rows{result: r}, r.Len())
			}
		}
	})
}

// readRows reads rows, of which there are at most n. Errors of values are fine.
func readRows(t *testing.T, rows engine.Rows, n int) {
	t.Helper()
	dest := make([]driver.Value, len(rows.Columns()))
	for {
		if err := rows.Next(dest); err == io.EOF {
			return
		} else if err != nil {
			_ = err.Error()
		}
		if n--; n < 0 {
			t.Fatal("rows without end")
		}
	}
}

// FuzzCursor reads any answer of a cursor to its end.
func FuzzCursor(f *testing.F) {
	const head = `{"baton":"6EDHLwwerkAseyISvhztsCddsG77F1e3k2JDvQOiLe7mR4zXM6Jx7WTR2iK+tD64","base_url":null}` + "\n"
	for _, answer := range []string{
		head + `{"type":"step_begin","step":0,"cols":[{"name":"a","decltype":null},{"name":"b","decltype":null}]}
{"type":"row","row":[{"type":"integer","value":"1"},{"type":"text","value":"x"}]}
{"type":"row","row":[{"type":"integer","value":"2"},{"type":"null"}]}
{"type":"step_end","affected_row_count":0,"last_insert_rowid":null}
{"type":"replication_index","replication_index":52}
`,
		head + `{"type":"replication_index","replication_index":52}` + "\n",
		head + `{"type":"step_error","step":0,"error":{"message":"SQLite error: no such table: nowhere","code":"SQLITE_UNKNOWN"}}
{"type":"replication_index","replication_index":52}
`,
		head + `{"type":"step_begin","step":0,"cols":[{"name":"abs(column1)","decltype":null}]}
{"type":"row","row":[{"type":"integer","value":"1"}]}
{"type":"step_error","step":0,"error":{"message":"SQLite error: integer overflow","code":"SQLITE_UNKNOWN"}}
{"type":"replication_index","replication_index":52}
`,
		head + `{"type":"error","error":{"message":"Transaction timed out","code":"TRANSACTION_TIMEOUT"}}` + "\n",
		head, "", "{}", "\n\n", head + "{", head + `{"type":"row","row":[]}`,
	} {
		f.Add([]byte(answer), true, false, uint8(1))
		f.Add([]byte(answer), false, false, uint8(200))
	}
	for _, parts := range [][]string{
		{"\x0a\x01b", "\x0a\x09\x12\x03\x0a\x01a\x12\x02\x0a\x00", "\x22\x0a\x0a\x02\x10\x02\x0a\x04\x22\x02xy", "\x22\x08\x0a\x02\x10\x02\x0a\x02\x0a\x00", "\x12\x02\x08\x01", "\x32\x02\x08\x34"},
		{"\x0a\x01b", "\x1a\x06\x12\x04\x0a\x02no", ""}, {"\x0a\x01b", "\x2a\x04\x0a\x02no"}, {""}, {},
	} {
		var answer []byte
		for _, part := range parts {
			answer = append(append(answer, byte(len(part))), part...)
		}
		f.Add(answer, true, true, uint8(1))
		f.Add(answer, false, true, uint8(200))
		f.Add(append(answer, 0xff, 0xff, 0x7f), false, true, uint8(200))
	}
	var mu sync.Mutex
	var answer []byte
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		w.Write(answer)
	}))
	f.Cleanup(server.Close)
	d := New(transport.Config{URL: server.URL}).(*database)
	f.Cleanup(func() { d.Close() })
	f.Fuzz(func(t *testing.T, data []byte, inTx, protobuf bool, buffered uint8) {
		d.hasProtobuf.Store(protobuf)
		mu.Lock()
		answer = data
		mu.Unlock()
		opened, err := d.Connect(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		c := opened.(*conn)
		if inTx {
			c.state, c.stream.baton, c.stream.used = open, "b", time.Now()
		}
		r, err := c.openCursor(t.Context(), wire.Step{SQL: "SELECT 1", Rows: true})
		if err != nil {
			if c.cursor != nil {
				t.Error("the cursor has failed, and occupies the stream")
			}
			return
		}
		for n := 0; err == nil; n++ {
			if n == int(buffered) && c.cursor == r {
				r.bufferRest(t.Context())
			}
			if n > len(data) {
				t.Fatal("rows without end")
			}
			err = r.Next(make([]driver.Value, len(r.Columns())))
			if _, ok := err.(*engine.Error); ok && r.end == nil {
				err = nil // the error of a value
			}
		}
		if again := r.Next(nil); again != r.end {
			t.Errorf("Next returns %v, then %v", r.end, again)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
		if c.cursor != nil {
			t.Error("the cursor is closed, and occupies the stream")
		}
	})
}
