package sqlite

import (
	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/sqlite/cmem"
	"github.com/duolite/duolite/internal/sqltext"
	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// SQLite keeps its counters for the connection: the rows that all statements changed, the
// rows that the last INSERT, UPDATE or DELETE changed, and the rowid of the last inserted
// row. A statement's own result is the difference between the counters before and after
// it.
//
// The rowid may be equal before and after: the statement inserted the same rowid into
// another table, or it inserted no row with a rowid. SQL can read the rowid (a trigger, a
// default, a view), so it can't be set to a special value for the run. Instead:
//
//   - A statement that changed no row inserted none.
//   - An INSERT without DO UPDATE inserted each row that it changed. Its program says
//     whether these rows have rowids: not in a table WITHOUT ROWID, nor in a view.
//   - For an INSERT with DO UPDATE, SQLite's update hook reports each inserted row.
//
// Rows inserted by triggers don't count. SQLite restores the rowid at a trigger's end.

// A count is the connection's counters before a statement.
type count struct {
	changes int64
	rowid   int64
}

// startCount reads the counters before the statement runs.
func (s *stmt) startCount() count {
	var before count
	if s.kind != sqltext.Insert && s.kind != sqltext.Change {
		return before
	}
	c := s.c
	before.changes = sqlite3.Xsqlite3_total_changes64(c.tls, c.handle)
	if s.kind == sqltext.Insert {
		before.rowid = sqlite3.Xsqlite3_last_insert_rowid(c.tls, c.handle)
	}
	if s.upsert {
		c.inserted = false
		sqlite3.Xsqlite3_update_hook(c.tls, c.handle, updateFunc, c.id)
	}
	return before
}

// endCount returns the result of the statement.
func (s *stmt) endCount(before count) engine.Result {
	var result engine.Result
	if s.kind != sqltext.Insert && s.kind != sqltext.Change {
		return result
	}
	c := s.c
	if s.upsert {
		sqlite3.Xsqlite3_update_hook(c.tls, c.handle, 0, 0)
	}
	if sqlite3.Xsqlite3_total_changes64(c.tls, c.handle) != before.changes {
		result.RowsAffected = sqlite3.Xsqlite3_changes64(c.tls, c.handle)
	}
	if s.kind != sqltext.Insert || result.RowsAffected == 0 {
		return result
	}
	rowid := sqlite3.Xsqlite3_last_insert_rowid(c.tls, c.handle)
	if rowid != before.rowid || s.inserted() {
		result.LastInsertID = rowid
	}
	return result
}

// runsItself reports whether a statement is in its own program: not in the program of a trigger, and
// not in a statement that a virtual table runs meanwhile.
func runsItself(handle, stmt uintptr) bool {
	return cmem.As[sqlite3.Tsqlite3](handle).FnVdbeExec == 1 && cmem.As[sqlite3.TVdbe](stmt).FnFrame == 0
}

// setsRowID reports whether the program of a compiled INSERT sets the connection's last rowid: by an
// insertion into a table with rowids, or into a virtual table.
func setsRowID(stmt uintptr) bool {
	program := cmem.As[sqlite3.TVdbe](stmt)
	for i := range program.FnOp {
		op := cmem.As[sqlite3.TVdbeOp](program.FaOp + uintptr(i)*uintptr(cmem.Size[sqlite3.TVdbeOp]()))
		switch {
		case op.Fopcode == sqlite3.OP_Insert && op.Fp5&sqlite3.OPFLAG_LASTROWID != 0:
			return true
		case op.Fopcode == sqlite3.OP_VUpdate && op.Fp1 != 0:
			return true
		}
	}
	return false
}

// inserted reports whether the statement, which changed rows, inserted one with a rowid.
func (s *stmt) inserted() bool {
	if s.upsert {
		return s.c.inserted
	}
	return setsRowID(s.handle)
}

var updateFunc = cmem.AddressOf(updateHandler)

// updateHandler is called after each change of a row in a table with rowids, also for the
// changes by triggers and by the tables under a virtual table.
// https://sqlite.org/c3ref/update_hook.html
func updateHandler(_ *libc.TLS, id uintptr, op int32, _, _ uintptr, _ int64) {
	if c := connOf(id); c != nil && op == sqlite3.SQLITE_INSERT && runsItself(c.handle, c.stepping) {
		c.inserted = true
	}
}

// asksLastWrite reports whether the program of a compiled statement calls a function about the
// connection's last write.
func asksLastWrite(stmt uintptr) bool {
	if stmt == 0 {
		return false
	}
	program := cmem.As[sqlite3.TVdbe](stmt)
	size := uintptr(cmem.Size[sqlite3.TVdbeOp]())
	p4 := size - uintptr(cmem.Size[sqlite3.Tp4union]())
	for at := program.FaOp; at < program.FaOp+uintptr(program.FnOp)*size; at += size {
		if op := cmem.As[sqlite3.TVdbeOp](at); op.Fopcode != sqlite3.OP_Function || op.Fp4type != sqlite3.P4_FUNCCTX {
			continue
		}
		call := cmem.As[sqlite3.Tsqlite3_context](cmem.Load(at + p4))
		switch libc.GoString(cmem.As[sqlite3.TFuncDef](call.FpFunc).FzName) {
		case "last_insert_rowid", "changes", "total_changes":
			return true
		}
	}
	return false
}
