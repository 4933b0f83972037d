package hrana

import (
	"bufio"
	"bytes"
	"context"
	"database/sql/driver"
	"encoding/json"
	"io"
	"testing"
	"unicode/utf8"

	"github.com/duolite/duolite/db/internal/engine"
)

// FuzzReply reads any reply as an answer to what a connection asks, and all there is
// in it.
func FuzzReply(f *testing.F) {
	for _, reply := range []string{
		okReply, txReply,
		`{"baton":"x","base_url":null,"results":[{"type":"ok","response":{"type":"get_autocommit","is_autocommit":true}}]}`,
		`{"baton":"x","base_url":"http://a","results":[{"type":"error","error":{"message":"SQL input error: no such column: size (at offset 7)","code":"SQL_INPUT_ERROR"}}]}`,
		`{"baton":null,"base_url":null,"results":[{"type":"ok","response":{"type":"batch","result":{"step_results":[{"cols":[],"rows":[],"affected_row_count":0,"last_insert_rowid":null,"replication_index":null,"rows_read":0,"rows_written":0,"query_duration_ms":0.042},null],"step_errors":[null,{"message":"SQLite error: UNIQUE constraint failed: t.id","code":"SQLITE_CONSTRAINT"}],"replication_index":"52"}}},{"type":"ok","response":{"type":"get_autocommit","is_autocommit":false}}]}`,
		`{"baton":"x","base_url":null,"results":[{"type":"ok","response":{"type":"describe","result":{"params":[{"name":":a"},{"name":null}],"cols":[{"name":"1","decltype":null}],"is_explain":false,"is_readonly":true}}}]}`,
		`{"baton":"x","base_url":null,"results":[{"type":"ok","response":{"type":"execute","result":{"cols":[{"name":"a","decltype":"INTEGER"},{"name":"b","decltype":null},{"name":"c","decltype":null},{"name":"d","decltype":null},{"name":"e","decltype":null}],"rows":[[{"type":"integer","value":"9223372036854775807"},{"type":"float","value":1.2345678901234568e17},{"type":"text","value":"é😀\\\"\u0000"},{"type":"blob","base64":"AP8Q"},{"type":"null"}],[{"type":"float","value":null},{"type":"float","value":-0.0},{"type":"text","value":""},{"type":"blob","base64":""},{"type":"null"}]],"affected_row_count":2,"last_insert_rowid":"-5","replication_index":"47","rows_read":0,"rows_written":0,"query_duration_ms":0.013}}}]}`,
	} {
		f.Add([]byte(reply))
	}
	requests := []*request{
		{steps: make([]step, 1)},
		{steps: make([]step, 2), batch: true, autocommit: true},
		{describe: "x"},
		{autocommit: true},
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, q := range requests {
			rep, err := decodeReply(data, q.results())
			if err != nil {
				continue
			}
			if !json.Valid(data) && utf8.Valid(data) && !looseJSON(data) {
				t.Errorf("%q is read, and isn't JSON", data)
			}
			if q.check(rep) == nil {
				useReply(t, rep, q)
			}
		}
	})
}

// looseJSON reports whether data may differ from JSON where the scanner doesn't look:
// in numbers and escapes, which are checked when they are used.
func looseJSON(data []byte) bool {
	return bytes.ContainsAny(data, `\-+.eE`) || bytes.ContainsAny(data, "0123456789")
}

// useReply does with a reply what a connection does.
func useReply(t *testing.T, rep *reply, q *request) {
	for _, was := range []txState{idle, pending, open, raw} {
		c := &conn{state: was}
		if q.autocommit && len(q.steps) > 0 {
			c.settle(rep, false)
		}
		if len(q.steps) == 0 {
			continue
		}
		r, err := c.outcome(was, 0, &rep.results[0])
		if err != nil {
			_ = err.Error()
			continue
		}
		rows := &rows{result: r}
		dest := make([]driver.Value, len(rows.Columns()))
		for n := 0; ; n++ {
			if err := rows.Next(dest); err == io.EOF {
				break
			} else if err != nil {
				_ = err.Error()
			}
			if n > r.rows {
				t.Fatal("rows without end")
			}
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
		f.Add([]byte(answer), true, uint8(1))
		f.Add([]byte(answer), false, uint8(200))
	}
	f.Fuzz(func(t *testing.T, data []byte, inTx bool, held uint8) {
		c := &conn{db: &database{}}
		if inTx {
			c.state = open
		}
		a := &answer{body: io.NopCloser(bytes.NewReader(data)), life: newLife(c.db), key: &key{}}
		r := &cursorRows{conn: c, ctx: context.Background(), bound: inTx, answer: a, reader: bufio.NewReader(a.body)}
		c.cursor = r
		if err := r.begin(); err != nil {
			return
		}
		var err error
		for n := 0; err == nil; n++ {
			if n == int(held) && c.cursor == r {
				r.hold(context.Background())
			}
			if n > len(data) {
				t.Fatal("rows without end")
			}
			err = r.Next(make([]driver.Value, len(r.Columns())))
			if _, ok := err.(*engine.Error); ok && r.end == nil {
				err = nil // that of a value
			}
		}
		if again := r.Next(nil); again != r.end {
			t.Errorf("Next returns %v, then %v", r.end, again)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
		if c.cursor != nil {
			t.Error("the stream is still taken")
		}
	})
}

// FuzzString writes and reads any string.
func FuzzString(f *testing.F) {
	f.Add("a\x00b\"\\/\n\r\t\x1f\x7f\u2028é😀<&>")
	f.Fuzz(func(t *testing.T, s string) {
		if !utf8.ValidString(s) {
			return
		}
		text := appendString(nil, s)
		var got string
		if err := json.Unmarshal(text, &got); err != nil || got != s {
			t.Errorf("%q is written as %s, which reads %q, %v", s, text, got, err)
		}
		encoded, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range [][]byte{text, encoded} {
			scan := &scanner{data: text}
			got, err = scan.optional()
			if err != nil || got != s || scan.end() != nil {
				t.Errorf("%s reads %q, %v", text, got, err)
			}
		}
	})
}
