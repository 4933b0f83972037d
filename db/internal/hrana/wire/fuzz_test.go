package wire

import (
	"bytes"
	"database/sql/driver"
	"encoding/json"
	"testing"
	"unicode/utf8"

	"github.com/duolite/duolite/db/internal/engine"
)

// FuzzReply decodes any bytes as the reply to each kind of request, and reads all rows.
func FuzzReply(f *testing.F) {
	for _, reply := range []string{
		`{"baton":"b","base_url":null,"results":[{"type":"ok","response":{"type":"execute","result":{"cols":[{"name":"1","decltype":null}],"rows":[[{"type":"integer","value":"1"}]],"affected_row_count":0,"last_insert_rowid":null,"replication_index":null,"rows_read":0,"rows_written":0,"query_duration_ms":0.01}}}]}`,
		`{"baton":"b","base_url":null,"results":[{"type":"ok","response":{"type":"batch","result":{"step_results":[{"cols":[],"rows":[],"affected_row_count":0,"last_insert_rowid":null},{"cols":[],"rows":[],"affected_row_count":1,"last_insert_rowid":"1"}],"step_errors":[null,null]}}},{"type":"ok","response":{"type":"get_autocommit","is_autocommit":false}}]}`,
		`{"baton":"x","base_url":null,"results":[{"type":"ok","response":{"type":"get_autocommit","is_autocommit":true}}]}`,
		`{"baton":"x","base_url":"http://a","results":[{"type":"error","error":{"message":"SQL input error: no such column: size (at offset 7)","code":"SQL_INPUT_ERROR"}}]}`,
		`{"baton":null,"base_url":null,"results":[{"type":"ok","response":{"type":"batch","result":{"step_results":[{"cols":[],"rows":[],"affected_row_count":0,"last_insert_rowid":null,"replication_index":null,"rows_read":0,"rows_written":0,"query_duration_ms":0.042},null],"step_errors":[null,{"message":"SQLite error: UNIQUE constraint failed: t.id","code":"SQLITE_CONSTRAINT"}],"replication_index":"52"}}},{"type":"ok","response":{"type":"get_autocommit","is_autocommit":false}}]}`,
		`{"baton":"x","base_url":null,"results":[{"type":"ok","response":{"type":"describe","result":{"params":[{"name":":a"},{"name":null}],"cols":[{"name":"1","decltype":null}],"is_explain":false,"is_readonly":true}}}]}`,
		`{"baton":"x","base_url":null,"results":[{"type":"ok","response":{"type":"execute","result":{"cols":[{"name":"a","decltype":"INTEGER"},{"name":"b","decltype":null},{"name":"c","decltype":null},{"name":"d","decltype":null},{"name":"e","decltype":null}],"rows":[[{"type":"integer","value":"9223372036854775807"},{"type":"float","value":1.2345678901234568e17},{"type":"text","value":"é😀\\\"\u0000"},{"type":"blob","base64":"AP8Q"},{"type":"null"}],[{"type":"float","value":null},{"type":"float","value":-0.0},{"type":"text","value":""},{"type":"blob","base64":""},{"type":"null"}]],"affected_row_count":2,"last_insert_rowid":"-5","replication_index":"47","rows_read":0,"rows_written":0,"query_duration_ms":0.013}}}]}`,
	} {
		f.Add([]byte(reply))
	}
	requests := []*Request{
		{Steps: make([]Step, 1)},
		{Steps: make([]Step, 2), Batch: true, Autocommit: true},
		{Describe: "x"},
		{Autocommit: true},
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, q := range requests {
			r, err := (&scanner{data: data}).reply(q.results())
			if err != nil {
				continue
			}
			if !json.Valid(data) && utf8.Valid(data) && !looseJSON(data) {
				t.Errorf("%q is decoded, and isn't JSON", data)
			}
			if r.check(q) != nil {
				continue
			}
			for i := range r.Results {
				readAll(r.Results[i].Statement)
				for _, step := range r.Results[i].Steps {
					readAll(step.Statement)
				}
			}
		}
	})
}

// looseJSON reports whether data may differ from JSON where the scanner doesn't look: in numbers
// and escapes, which are checked when they are read.
func looseJSON(data []byte) bool {
	return bytes.ContainsAny(data, `\-+.eE`) || bytes.ContainsAny(data, "0123456789")
}

// readAll reads the rows of a result, which may be nil. Errors of values are fine.
func readAll(r *StatementResult) {
	if r == nil {
		return
	}
	dest := make([]driver.Value, len(r.Columns))
	for i := range r.Len() {
		_ = r.Read(i, dest)
	}
}

// FuzzEntry decodes any lines as the entries of a cursor, and reads all rows.
func FuzzEntry(f *testing.F) {
	for _, line := range []string{
		`{"type":"step_begin","step":0,"cols":[{"name":"a","decltype":null},{"name":"b","decltype":"TEXT"}]}`,
		`{"type":"row","row":[{"type":"integer","value":"1"},{"type":"text","value":"x"}]}`,
		`{"type":"step_end","affected_row_count":1,"last_insert_rowid":7}`,
		`{"type":"step_end","affected_row_count":1,"last_insert_rowid":"7"}`,
		`{"type":"step_error","step":0,"error":{"message":"SQLite error: no such table: nowhere","code":"SQLITE_UNKNOWN"}}`,
		`{"type":"error","error":{"message":"Transaction timed out","code":"TRANSACTION_TIMEOUT"}}`,
		`{"type":"replication_index","replication_index":52}`,
		"", "{}", "{", `{"type":"row","row":[]}`, `{"type":"row","row":[{"type":"blob","base64":"AP8Q"}]}`,
	} {
		f.Add([]byte(line))
	}
	f.Fuzz(func(t *testing.T, line []byte) { testEntry(t, JSON, line) })
}

// testEntry decodes data as an entry, and reads its values before and after Append.
func testEntry(t *testing.T, codec Codec, line []byte) {
	var e Entry
	if err := codec.DecodeEntry(line, &e); err != nil {
		return
	}
	dest := make([]driver.Value, len(e.Values))
	r := StatementResult{data: []byte("an earlier row")}
	r.Append(line, e.Values)
	first := ReadRow(dest, e.Values, line)
	got := make([]driver.Value, len(e.Values))
	second := ReadRow(got, r.values, r.data)
	if (first == nil) != (second == nil) {
		t.Fatalf("%q reads %v, and after Append %v", line, first, second)
	}
	for i := range dest {
		if !sameValue(dest[i], got[i]) {
			t.Errorf("%q: value %d is %v, and after Append %v", line, i, dest[i], got[i])
		}
	}
}

// FuzzString encodes and decodes any string.
func FuzzString(f *testing.F) {
	f.Add("a\x00b\"\\/\n\r\t\x1f\x7f\u2028é😀<&>")
	f.Fuzz(func(t *testing.T, s string) {
		if !utf8.ValidString(s) {
			return
		}
		text := engine.AppendJSON(nil, s)
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
