package hrana

import (
	"database/sql/driver"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/hrana/transport"
)

// replyText returns the text of reply n, which has another length for each n.
func replyText(n int) string { return strings.Repeat(strconv.Itoa(n), n) }

// TestBufferPool keeps rows of several replies open. A reply may use the memory of another one only
// after the rows of that one are closed.
func TestBufferPool(t *testing.T) {
	t.Parallel()
	c := newConn(t, transport.Config{URL: script(t, func(w http.ResponseWriter, _ *http.Request, n int, _ string) {
		value := fmt.Sprintf(`{"type":"text","value":"%s"}`, replyText(n))
		fmt.Fprintf(w, `{"baton":"b","results":[{"type":"ok","response":{"type":"execute","result":{"cols":[{"name":"a"}],"rows":[[%s],[%s]]}}}]}`, value, value)
	})})
	query := func() engine.Rows {
		t.Helper()
		s, err := c.Prepare(t.Context(), selectOne)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := s.Query(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		return rows
	}
	next := func(rows engine.Rows, n int) {
		t.Helper()
		dest := make([]driver.Value, 1)
		if err := rows.Next(dest); err != nil || dest[0] != replyText(n) {
			t.Errorf("read %v, error %v, want %s", dest[0], err, replyText(n))
		}
	}
	first := query()
	next(first, 1)
	second := query()
	next(second, 2)
	second.Close()
	second.Close()
	if err := second.Next(make([]driver.Value, 1)); err != io.EOF {
		t.Errorf("rows that are closed: %v", err)
	}
	third, fourth := query(), query() // one of them in the memory of the second
	next(third, 3)
	next(fourth, 4)
	next(third, 3)
	third.Close()
	next(fourth, 4)
	fourth.Close()
	next(first, 1)
	first.Close()
	if c.buffers.TakeData() == nil {
		t.Error("no memory is kept")
	}
}
