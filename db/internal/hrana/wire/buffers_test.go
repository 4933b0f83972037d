package wire

import (
	"database/sql/driver"
	"strings"
	"testing"
)

// TestBufferPool checks that a pool keeps the memory of a small reply, once, and not of a large one.
func TestBufferPool(t *testing.T) {
	var pool BufferPool
	decode := func(text string, rows int) *StatementResult {
		t.Helper()
		row := `[{"type":"text","value":"` + text + `"}]`
		data := append(pool.TakeData(), `{"results":[{"type":"ok","response":{"type":"execute","result":{"cols":[{"name":"a"}],"rows":[`+
			strings.Repeat(row+",", rows-1)+row+`]}}}]}`...)
		r, err := DecodeReply(data, &Request{Steps: make([]Step, 1)}, nil, &pool)
		if err != nil {
			t.Fatal(err)
		}
		dest := make([]driver.Value, 1)
		if err := r.Results[0].Statement.Read(rows-1, dest); err != nil || dest[0] != text {
			t.Errorf("read %v, error %v, want %s", dest[0], err, text)
		}
		return r.Results[0].Statement
	}
	for _, text := range []string{"a", "bb"} {
		r := decode(text, 2)
		pool.Put(r)
		if pool.data == nil || pool.values == nil {
			t.Error("the memory of a small reply isn't kept")
		}
		if r.Len() != 0 {
			t.Error("a result has rows without memory")
		}
	}
	if pool.TakeData() == nil || pool.takeValues() == nil || pool.TakeData() != nil || pool.takeValues() != nil {
		t.Error("the memory is taken twice, or never")
	}
	pool.Put(decode(strings.Repeat("a", maxPooledData), 2*maxPooledValues))
	if pool.data != nil || pool.values != nil {
		t.Error("the memory of a large reply is kept")
	}
}
