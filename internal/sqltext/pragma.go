package sqltext

import "slices"

// pragmas lists the PRAGMAs that have the same effect inside a transaction as outside, and
// whose changes a rollback undoes. See https://sqlite.org/pragma.html.
//
// It excludes PRAGMAs that a transaction ignores or refuses (foreign_keys, journal_mode,
// synchronous). It also excludes PRAGMAs that set the connection (recursive_triggers,
// cache_size, busy_timeout), which a rollback doesn't undo.
var pragmas = []string{
	// Numbers in the file's header, written by the transaction.
	"user_version",
	"application_id",
	"schema_version",
	// Lasts until the end of the transaction.
	"defer_foreign_keys",
	// Runs ANALYZE if it helps; it writes in the transaction.
	"optimize",
	// The others only read.
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

// pragma parses the name of a PRAGMA, after an optional schema name. Both may be quoted.
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
