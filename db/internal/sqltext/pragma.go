package sqltext

import "slices"

// pragmas are those that do the same inside of a transaction as outside of it, see
// https://sqlite.org/pragma.html. What they change is undone by a rollback.
//
// Not among them is what a transaction ignores or refuses (foreign_keys, journal_mode,
// synchronous), and what sets the connection (recursive_triggers, cache_size,
// busy_timeout): that stays when the transaction is rolled back.
var pragmas = []string{
	// Numbers in the header of the file, written with the transaction.
	"user_version",
	"application_id",
	"schema_version",
	// It ends with the transaction, and has no use outside of one.
	"defer_foreign_keys",
	// ANALYZE where that helps; it writes with the transaction.
	"optimize",
	// The rest reads.
	"table_info",
	"table_xinfo",
	"table_list",
	"index_list",
	"index_info",
	"index_xinfo",
	"foreign_key_list",
	"foreign_key_check",
	"integrity_check",
	"quick_check",
	"page_count",
	"freelist_count",
	"data_version",
	"database_list",
	"collation_list",
	"function_list",
	"module_list",
	"pragma_list",
	"compile_options",
}

// pragma takes the name of a PRAGMA, which can have that of a schema in front. Both
// can be quoted.
func (p *parser) pragma(kind token, text string) state {
	switch {
	case p.state == afterPragmaName && kind == dot:
		return pragmaName
	case p.state == afterPragmaName:
		return done
	case kind == quoted:
		text = text[1 : len(text)-1]
	}
	p.stmt.Kind = Outside
	if slices.ContainsFunc(pragmas, func(name string) bool { return equal(text, name) }) {
		p.stmt.Kind = Pragma
	}
	return afterPragmaName
}
