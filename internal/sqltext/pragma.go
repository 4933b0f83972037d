package sqltext

import (
	"slices"
	"strings"
)

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
func (p *parser) pragma(kind TokenKind, text string) state {
	switch {
	case p.state == afterPragmaName && kind == dot:
		return pragmaName
	case p.state == afterPragmaName:
		return done
	}
	p.stmt.Kind, text = Outside, Unquote(text)
	if slices.ContainsFunc(pragmas, func(name string) bool { return equal(text, name) }) {
		p.stmt.Kind = Pragma
	}
	return afterPragmaName
}

// A PragmaText is the content of a PRAGMA statement: PRAGMA Schema.Name = …
type PragmaText struct {
	Schema string // as written, without quotes, or ""
	Name   string // in lower case, without quotes
	// Sets: a value follows the name, after = or in parentheses.
	Sets bool
}

// Pragma parses a PRAGMA statement, also after EXPLAIN. It returns false for other statements.
// https://sqlite.org/pragma.html
func (s *Statement) Pragma() (PragmaText, bool) {
	if s.Kind != Pragma && s.Kind != Outside {
		return PragmaText{}, false
	}
	var found PragmaText
	seen, named := false, false
	for t := range CodeTokens(s.Text) {
		switch {
		case !seen:
			if seen = equal(t.Text, "pragma"); !seen && !isExplain(t.Text) {
				return PragmaText{}, false
			}
		case !named:
			found.Name, named = strings.ToLower(Unquote(t.Text)), true
		case t.Text == ".":
			found.Schema, named = found.Name, false
		default:
			found.Sets = t.Text == "=" || t.Text == "("
			return found, true
		}
	}
	return found, named
}

func isExplain(text string) bool {
	return equal(text, "explain") || equal(text, "query") || equal(text, "plan")
}
