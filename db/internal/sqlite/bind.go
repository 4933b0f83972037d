package sqlite

import (
	"database/sql/driver"
	"fmt"

	"github.com/duolite/duolite/db/internal/sqlite/cmem"
	sqlite3 "modernc.org/sqlite/lib"
)

// static tells SQLite that a bound value stays in its place until the run is over, so that SQLite makes
// no copy. https://sqlite.org/c3ref/c_static.html
const static = 0

// bind gives the parameters their values. Texts and blobs are copied once, into memory that the
// statement keeps from run to run. Values stay bound after a run: SQLite may plan a statement by a value,
// and compiles it again after that was cleared.
func (s *stmt) bind(args []driver.Value) error {
	if len(args) != s.params {
		return newError(sqlite3.SQLITE_RANGE, fmt.Sprintf("the statement has %d parameters, and %d values came", s.params, len(args)))
	}
	size := 0
	for _, arg := range args {
		switch arg := arg.(type) {
		case string:
			size += len(arg) + 1
		case []byte:
			size += len(arg) + 1
		}
	}
	if size > 0 && !s.args.Grow(s.c.tls, size) {
		return errNoMemory()
	}
	offset := 0
	for i, arg := range args {
		n, rc := s.bindOne(int32(i+1), arg, offset)
		offset += n
		if rc != sqlite3.SQLITE_OK {
			return s.c.errorOf(rc)
		}
	}
	return nil
}

// bindOne binds a value to the i-th parameter. It returns the bytes that it took of the memory, and
// SQLite's result code.
func (s *stmt) bindOne(i int32, arg driver.Value, offset int) (int, int32) {
	tls := s.c.tls
	switch arg := arg.(type) {
	case nil:
		return 0, sqlite3.Xsqlite3_bind_null(tls, s.handle, i)
	case int64:
		return 0, sqlite3.Xsqlite3_bind_int64(tls, s.handle, i, arg)
	case float64:
		return 0, sqlite3.Xsqlite3_bind_double(tls, s.handle, i, arg)
	case string:
		// ZT: a zero byte follows. Some functions would make a copy otherwise.
		p := cmem.Put(&s.args, offset, arg)
		return len(arg) + 1, sqlite3.Xsqlite3_bind_text64(tls, s.handle, i, p, uint64(len(arg)), static, sqlite3.SQLITE_UTF8_ZT)
	case []byte:
		if arg == nil {
			return 0, sqlite3.Xsqlite3_bind_null(tls, s.handle, i)
		}
		// An empty blob needs an address as well: without one it would be NULL.
		p := cmem.Put(&s.args, offset, arg)
		return len(arg) + 1, sqlite3.Xsqlite3_bind_blob64(tls, s.handle, i, p, uint64(len(arg)), static)
	default:
		panic(fmt.Sprintf("sqlite: a parameter of type %T", arg)) // package contract lets none through
	}
}
