package sqlite

import (
	"math"
	"math/rand/v2"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/sqltext"
	sqlite3 "modernc.org/sqlite/lib"
)

// SQLite counts for the connection: how many rows the last INSERT, UPDATE or DELETE
// changed, and the rowid of the last row inserted. Whether that is of the
// statement at hand shows only by a comparison with what was before it.
//
// For the rowid even that isn't enough: an INSERT may insert the same rowid as the one
// before (into another table), or none (OR IGNORE, DO UPDATE, a table WITHOUT ROWID).
// So a mark is set first as the last rowid, and what is still marked afterwards had
// nothing inserted. What a trigger inserts doesn't count, as SQLite has it.
//
// The mark could itself be a rowid that is inserted. It is a number that the process
// picks at random from the negative half, where rowids are only by the program's wish:
// nobody meets it by chance. A last rowid that is the mark already does no harm, since
// only what comes after it is asked for.
//
// Who asks for last_insert_rowid() must not see the mark: a statement that does is
// run without one, and so are all where the schema has it, in a default value, a view or
// a trigger, as this process knows it.
var mark = math.MinInt64 + rand.Int64N(math.MaxInt64)

// A count is what was before a statement.
type count struct {
	changes int64
	rowid   int64
}

// startCount begins to watch what the statement does.
func (s *stmt) startCount() count {
	var before count
	if s.kind != sqltext.Insert && s.kind != sqltext.Change {
		return before
	}
	c := s.c
	before.changes = sqlite3.Xsqlite3_total_changes64(c.tls, c.handle)
	if s.kind != sqltext.Insert {
		return before
	}
	before.rowid = sqlite3.Xsqlite3_last_insert_rowid(c.tls, c.handle)
	if !s.asksID && !c.asksID.Load() {
		sqlite3.Xsqlite3_set_last_insert_rowid(c.tls, c.handle, mark)
	}
	return before
}

// endCount returns what the statement has done, and takes the mark away.
func (s *stmt) endCount(before count) engine.Result {
	var result engine.Result
	if s.kind != sqltext.Insert && s.kind != sqltext.Change {
		return result
	}
	c := s.c
	if sqlite3.Xsqlite3_total_changes64(c.tls, c.handle) != before.changes {
		result.RowsAffected = sqlite3.Xsqlite3_changes64(c.tls, c.handle)
	}
	if s.kind != sqltext.Insert {
		return result
	}
	rowid := sqlite3.Xsqlite3_last_insert_rowid(c.tls, c.handle)
	switch {
	case !s.asksID && rowid == mark:
		sqlite3.Xsqlite3_set_last_insert_rowid(c.tls, c.handle, before.rowid)
	case s.asksID && rowid == before.rowid:
		result.NoID = result.RowsAffected != 0
	default:
		result.LastInsertID = rowid
	}
	return result
}
