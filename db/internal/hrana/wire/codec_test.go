package wire

import (
	"bytes"
	"database/sql/driver"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"testing"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/proto"
)

// A testReply is a reply to one statement, as a server would encode it.
type testReply struct {
	baton    string
	columns  []engine.Column
	rows     [][]driver.Value
	affected int64
	lastID   int64
	index    uint64
	err      *Error // if set, nothing else is
}

// json encodes the reply to an execute request.
func (r *testReply) json(t testing.TB) []byte {
	b := fmt.Appendf(nil, `{"baton":%s,"results":[`, engine.AppendJSON(nil, r.baton))
	if r.err != nil {
		return fmt.Appendf(b, `{"type":"error","error":{"message":%s,"code":%s}}]}`, engine.AppendJSON(nil, r.err.Message), engine.AppendJSON(nil, r.err.Code))
	}
	b = append(b, `{"type":"ok","response":{"type":"execute","result":{"cols":[`...)
	for i, c := range r.columns {
		b = append(b, comma(i)...)
		b = fmt.Appendf(b, `{"name":%s,"decltype":%s}`, engine.AppendJSON(nil, c.Name), engine.AppendJSON(nil, c.Declared))
	}
	b = append(b, `],"rows":[`...)
	for i, row := range r.rows {
		b = append(append(b, comma(i)...), '[')
		for j, value := range row {
			b = append(b, comma(j)...)
			if f, is := value.(float64); is && math.IsInf(f, 0) {
				b = append(b, `{"type":"float","value":null}`...) // as serde_json writes it
				continue
			}
			var err error
			if b, err = appendValue(b, value); err != nil {
				t.Fatal(err)
			}
		}
		b = append(b, ']')
	}
	return fmt.Appendf(b, `],"affected_row_count":%d,"last_insert_rowid":"%d","replication_index":"%d"}}}]}`, r.affected, r.lastID, r.index)
}

func comma(i int) string {
	if i == 0 {
		return ""
	}
	return ","
}

// protobuf encodes the reply to an execute request.
func (r *testReply) protobuf() []byte {
	b := proto.AppendBytes(nil, 1, r.baton)
	b, result := proto.Begin(b, 3)
	if r.err != nil {
		return proto.End(proto.AppendBytes(b, 2, proto.AppendBytes(proto.AppendBytes(nil, 1, r.err.Message), 2, r.err.Code)), result)
	}
	b, ok := proto.Begin(b, 1)
	b, execute := proto.Begin(b, executeRequest)
	b = proto.AppendBytes(b, 1, r.protobufResult())
	return proto.End(proto.End(proto.End(b, execute), ok), result)
}

// protobufResult encodes a StmtResult.
func (r *testReply) protobufResult() (b []byte) {
	for _, c := range r.columns {
		b = proto.AppendBytes(b, 1, proto.AppendBytes(proto.AppendBytes(nil, 1, c.Name), 2, c.Declared))
	}
	for _, row := range r.rows {
		b = proto.AppendBytes(b, 2, protobufRow(row))
	}
	b = proto.AppendVarint(b, 3, uint64(r.affected))
	b = proto.AppendVarint(b, 4, uint64(r.lastID)<<1^uint64(r.lastID>>63))
	return proto.AppendVarint(b, 5, r.index)
}

func protobufRow(row []driver.Value) (b []byte) {
	for _, value := range row {
		b = appendProtoValue(b, 1, value)
	}
	return b
}

var execute = &Request{Steps: make([]Step, 1)}

// read decodes a reply and returns what a program sees of it.
func read(t testing.TB, codec Codec, data []byte) (baton string, columns []engine.Column, rows [][]driver.Value, numbers [3]int64, err error) {
	t.Helper()
	r, err := codec.DecodeReply(data, execute, NewColumnCache())
	if err != nil {
		t.Fatalf("%q: %v", data, err)
	}
	first := &r.Results[0]
	if first.Err != nil {
		return r.Stream.Baton, nil, nil, numbers, fmt.Errorf("%q %q", first.Err.Code, first.Err.Message)
	}
	s := first.Statement
	for i := range s.Len() {
		row := make([]driver.Value, len(s.Columns))
		if err := s.Read(i, row); err != nil {
			return r.Stream.Baton, s.Columns, rows, numbers, err
		}
		rows = append(rows, row)
	}
	return r.Stream.Baton, s.Columns, rows, [3]int64{s.Affected, s.LastID, int64(first.Index)}, nil
}

// compareCodecs wants the same of a reply in both encodings.
func compareCodecs(t *testing.T, r *testReply) {
	t.Helper()
	b1, c1, rows1, n1, err1 := read(t, JSON, r.json(t))
	b2, c2, rows2, n2, err2 := read(t, Protobuf, r.protobuf())
	if b1 != b2 || len(c1) != len(c2) || len(c1) > 0 && !reflect.DeepEqual(c1, c2) || !reflect.DeepEqual(n1, n2) || fmt.Sprint(err1) != fmt.Sprint(err2) {
		t.Errorf("JSON reads %q %v %v %v, protobuf %q %v %v %v", b1, c1, n1, err1, b2, c2, n2, err2)
	}
	if len(rows1) != len(rows2) {
		t.Fatalf("JSON reads %d rows, protobuf %d", len(rows1), len(rows2))
	}
	for i := range rows1 {
		for j := range rows1[i] {
			if !sameValue(rows1[i][j], rows2[i][j]) || err1 == nil && !sameValue(rows1[i][j], r.rows[i][j]) {
				t.Errorf("value %d of row %d is %v, JSON reads %v, protobuf %v", j, i, r.rows[i][j], rows1[i][j], rows2[i][j])
			}
		}
	}
}

func sameValue(a, b driver.Value) bool {
	if x, is := a.(float64); is {
		y, is := b.(float64)
		return is && math.Float64bits(x) == math.Float64bits(y)
	}
	x, is := a.([]byte)
	y, too := b.([]byte)
	return is == too && (is && (x == nil) == (y == nil) && bytes.Equal(x, y) || !is && a == b)
}

// FuzzCodecs encodes a reply in both encodings.
func FuzzCodecs(f *testing.F) {
	f.Add("b", "a", "text\x00\"\\é😀", []byte{0, 255}, int64(math.MinInt64), math.Copysign(0, -1), uint64(7), false)
	f.Add("", "", "", []byte{}, int64(1<<53+1), 5e-324, uint64(0), false)
	f.Add("b", "é", "x", []byte("abcd"), int64(-1), math.Inf(-1), uint64(1<<63-1), false)
	f.Add("b", "no such table", "SQLITE_UNKNOWN", []byte(nil), int64(0), 0.0, uint64(0), true)
	f.Fuzz(func(t *testing.T, baton, name, text string, blob []byte, n int64, x float64, index uint64, failed bool) {
		valid := func(s string) bool { return checkArgument(s) == nil }
		if !valid(baton) || !valid(name) || !valid(text) || math.IsNaN(x) || index > math.MaxInt64 {
			return
		}
		if failed {
			compareCodecs(t, &testReply{baton: baton, err: &Error{Message: name, Code: text}})
			return
		}
		values := []driver.Value{text, append([]byte{}, blob...), n, x, nil}
		r := &testReply{baton: baton, affected: n & math.MaxInt64, lastID: n, index: index}
		for i := range values {
			r.columns = append(r.columns, engine.Column{Name: name + strconv.Itoa(i), Declared: text})
		}
		for i := range len(blob) % 9 {
			// Other orders, so that each column has each class.
			r.rows = append(r.rows, append(append([]driver.Value{}, values[i%5:]...), values[:i%5]...))
		}
		compareCodecs(t, r)
	})
}

// FuzzProtobuf decodes any bytes as replies and as the parts of a cursor, and reads all rows.
func FuzzProtobuf(f *testing.F) {
	one := &testReply{baton: "b", columns: []engine.Column{{Name: "a"}, {Name: "b", Declared: "TEXT"}}, rows: [][]driver.Value{{int64(1), "x"}, {nil, []byte{1}}, {2.5, ""}}, lastID: -5}
	f.Add(one.protobuf())
	f.Add((&testReply{err: &Error{Message: "no", Code: "SQLITE_BUSY"}}).protobuf())
	f.Add(protobufBatch(map[uint64][]byte{0: one.protobufResult(), 2: one.protobufResult()}, map[uint64]string{1: "no"}))
	f.Add(proto.AppendBytes(nil, 4, protobufRow(one.rows[0])))
	f.Add(proto.AppendBytes(nil, 1, proto.AppendBytes(proto.AppendVarint(nil, 1, 0), 2, proto.AppendBytes(nil, 1, "a"))))
	f.Add(proto.AppendBytes(nil, 6, proto.AppendVarint(nil, 1, 52)))
	requests := []*Request{
		execute,
		{Steps: make([]Step, 3), Batch: true, Autocommit: true},
		{Steps: make([]Step, 3), Batch: true, WantIndex: true, stored: []string{"x"}},
		{Describe: "x"},
		{Autocommit: true},
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, q := range requests {
			r, err := Protobuf.DecodeReply(data, q, NewColumnCache())
			if err != nil {
				if err != ErrSyntax {
					t.Errorf("error %v", err)
				}
				continue
			}
			for i := range r.Results {
				readAll(r.Results[i].Statement)
				for _, step := range r.Results[i].Steps {
					readAll(step.Statement)
				}
			}
		}
		if _, err := Protobuf.DecodeStream(data); err != nil && err != ErrSyntax {
			t.Errorf("error %v", err)
		}
		if _, err := Protobuf.DecodeError(data); err != nil && err != ErrSyntax {
			t.Errorf("error %v", err)
		}
		testEntry(t, Protobuf, data)
	})
}

// protobufBatch encodes the reply to a batch with a question for the transaction behind it.
func protobufBatch(results map[uint64][]byte, errs map[uint64]string) []byte {
	var batch []byte
	for key, result := range results {
		batch = proto.AppendBytes(batch, 1, proto.AppendBytes(proto.AppendVarint(nil, 1, key), 2, result))
	}
	for key, message := range errs {
		batch = proto.AppendBytes(batch, 2, proto.AppendBytes(proto.AppendVarint(nil, 1, key), 2, proto.AppendBytes(nil, 1, message)))
	}
	return append(okResult(batchRequest, proto.AppendBytes(nil, 1, batch)), okResult(getAutocommitRequest, proto.AppendVarint(nil, 1, 1))...)
}

// okResult encodes the field of a result with a response.
func okResult(kind uint64, response []byte) []byte {
	return proto.AppendBytes(nil, 3, proto.AppendBytes(nil, 1, proto.AppendBytes(nil, kind, response)))
}

// TestProtobufBatch reads the results, the errors and the skipped steps of a batch, whose map has any order.
func TestProtobufBatch(t *testing.T) {
	one := &testReply{columns: []engine.Column{{Name: "a"}}, rows: [][]driver.Value{{"x"}, {int64(7)}}}
	two := &testReply{columns: []engine.Column{{Name: "a"}}, rows: [][]driver.Value{{"y"}}}
	q := &Request{Batch: true, Autocommit: true, Steps: make([]Step, 4)}
	data := protobufBatch(map[uint64][]byte{3: two.protobufResult(), 0: one.protobufResult()}, map[uint64]string{1: "no"})
	r, err := Protobuf.DecodeReply(data, q, NewColumnCache())
	if err != nil {
		t.Fatal(err)
	}
	steps := r.Results[0].Steps
	if len(steps) != 4 || steps[0].Statement.Len() != 2 || steps[3].Statement.Len() != 1 || steps[1].Err.Message != "no" || !steps[2].Skipped() || !r.Results[1].Autocommit {
		t.Errorf("got %+v, %+v", steps, r.Results[1])
	}
	dest := make([]driver.Value, 1)
	for _, want := range []struct {
		step, row int
		value     driver.Value
	}{{0, 0, "x"}, {0, 1, int64(7)}, {3, 0, "y"}} {
		if err := steps[want.step].Statement.Read(want.row, dest); err != nil || dest[0] != want.value {
			t.Errorf("step %d, row %d: %v, %v; want %v", want.step, want.row, dest[0], err, want.value)
		}
	}
}

// TestProtobufIndex reads the index of a batch from the statement behind it, and notices that it failed.
func TestProtobufIndex(t *testing.T) {
	q := &Request{Batch: true, WantIndex: true, Steps: make([]Step, 1)}
	batch := okResult(batchRequest, proto.AppendBytes(nil, 1, ""))
	index := okResult(executeRequest, proto.AppendBytes(nil, 1, proto.AppendVarint(nil, 5, 52)))
	failed := proto.AppendBytes(nil, 3, proto.AppendBytes(nil, 2, proto.AppendBytes(nil, 1, "no")))
	for _, tt := range []struct {
		data  []byte
		index uint64
		lost  bool
	}{{append(bytes.Clone(batch), index...), 52, false}, {append(bytes.Clone(batch), failed...), 0, true}} {
		r, err := Protobuf.DecodeReply(tt.data, q, nil)
		if err != nil || len(r.Results) != 1 || r.Results[0].Index != tt.index || r.Results[0].IndexLost != tt.lost {
			t.Errorf("got %+v, %v; want %d, %v", r, err, tt.index, tt.lost)
		}
	}
	if _, err := Protobuf.DecodeReply(batch, q, nil); err != ErrSyntax {
		t.Errorf("a reply without the statement's: %v", err)
	}
}

// TestProtobufTruncated cuts a reply off at each byte, which leaves valid protobuf at some.
func TestProtobufTruncated(t *testing.T) {
	one := (&testReply{columns: []engine.Column{{Name: "a"}}, rows: [][]driver.Value{{"x"}, {2.5}}}).protobufResult()
	data := protobufBatch(map[uint64][]byte{0: one, 1: one}, nil)
	q := &Request{Batch: true, Autocommit: true, Steps: make([]Step, 2)}
	for n := range data {
		if _, err := Protobuf.DecodeReply(data[:n], q, nil); err != ErrSyntax {
			t.Errorf("%d of %d bytes: %v", n, len(data), err)
		}
	}
	for what, bad := range map[string][]byte{
		"a step twice":          protobufBatch(map[uint64][]byte{0: one}, map[uint64]string{0: "no"}),
		"a step out of range":   protobufBatch(map[uint64][]byte{2: one}, nil),
		"another kind":          append(okResult(executeRequest, proto.AppendBytes(nil, 1, one)), okResult(getAutocommitRequest, nil)...),
		"a result more":         append(protobufBatch(nil, nil), okResult(getAutocommitRequest, nil)...),
		"neither ok nor error":  append(proto.AppendBytes(nil, 3, ""), okResult(getAutocommitRequest, nil)...),
		"no result of a batch":  append(okResult(batchRequest, nil), okResult(getAutocommitRequest, nil)...),
		"a group":               {3<<3 | 3},
		"JSON":                  []byte(`{"baton":null,"results":[]}`),
		"a web page":            []byte("<html><p>Hello</p></html>"),
		"a row without columns": protobufBatch(map[uint64][]byte{0: proto.AppendBytes(nil, 2, protobufRow([]driver.Value{"x"}))}, nil),
		"a value of no class":   protobufBatch(map[uint64][]byte{0: proto.AppendBytes(proto.AppendBytes(nil, 1, ""), 2, proto.AppendBytes(nil, 1, ""))}, nil),
		"a row that is longer": protobufBatch(map[uint64][]byte{0: proto.AppendBytes(proto.AppendBytes(proto.AppendBytes(nil, 1, ""), 2, protobufRow([]driver.Value{nil})), 2,
			protobufRow([]driver.Value{nil, nil}))}, nil),
		"a count that is negative": protobufBatch(map[uint64][]byte{0: proto.AppendVarint(nil, 3, 1<<63)}, nil),
	} {
		if _, err := Protobuf.DecodeReply(bad, q, NewColumnCache()); err != ErrSyntax {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// TestArguments wants the same refusals of both codecs.
func TestArguments(t *testing.T) {
	for _, arg := range []driver.Value{math.NaN(), math.Inf(1), math.Inf(-1), "a\xffb", 7} {
		q := &Request{Steps: []Step{{SQL: "SELECT ?", Args: []driver.Value{arg}}}}
		_, first := JSON.AppendPipeline(nil, q, "")
		_, second := Protobuf.AppendPipeline(nil, q, "")
		_, third := Protobuf.AppendCursor(nil, q, "")
		var e *engine.Error
		if !errors.As(first, &e) || fmt.Sprint(first) != fmt.Sprint(second) || fmt.Sprint(first) != fmt.Sprint(third) {
			t.Errorf("%v: JSON %v, protobuf %v, %v", arg, first, second, third)
		}
	}
}

// TestStoredTexts checks which texts a request sends once.
func TestStoredTexts(t *testing.T) {
	long, short := string(bytes.Repeat([]byte("x"), 200)), "SELECT 1"
	huge := string(bytes.Repeat([]byte("y"), maxStoredText+1))
	for _, tt := range []struct {
		steps []string
		want  []string
	}{
		{[]string{long, long}, nil}, {[]string{long, short, long}, []string{long}}, {[]string{short, short, short}, nil},
		{[]string{huge, huge, huge}, nil}, {[]string{short, long, long, long, short}, []string{long}},
	} {
		q := &Request{Batch: true}
		for _, text := range tt.steps {
			q.Steps = append(q.Steps, Step{SQL: text})
		}
		b, err := Protobuf.AppendPipeline(nil, q, "")
		if err != nil || !reflect.DeepEqual(q.stored, tt.want) {
			t.Errorf("%.20q: stored %.20q, %v", tt.steps, q.stored, err)
		}
		if n := bytes.Count(b, []byte(long)); len(tt.want) > 0 && n != 1 {
			t.Errorf("%.20q: the text is sent %d times", tt.steps, n)
		}
	}
}
