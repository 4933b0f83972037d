package db

import (
	"fmt"
	"slices"
	"strings"

	"github.com/duolite/duolite/internal/sqltext"
)

// The limits of a request to a server. Package hrana splits longer scripts.
const (
	maxScript     = 500     // statements
	maxScriptText = 1 << 20 // bytes
)

const noTransaction = "write -- +goose NO TRANSACTION on the file's first line"

// check refuses a section with a statement that has no effect in goose's transaction.
func (f migrationFile) check(s section) error {
	statements := s.statements()
	for _, st := range statements {
		if problem := f.problem(st.Statement); problem != "" {
			return migrationFault(f.name, st.line, problem)
		}
	}
	if !f.noTx {
		return nil
	}
	if at := lastOpen(statements); at >= 0 {
		return migrationFault(f.name, statements[at].line, "BEGIN without COMMIT after it; the later statements would be rolled back")
	}
	if s.setsForeignKeys() {
		return f.checkScript(s, statements)
	}
	return nil
}

// checkScript refuses a section that can't run as one script.
func (f migrationFile) checkScript(s section, statements []migrationStatement) error {
	var script strings.Builder
	s.renderScript(&script)
	switch {
	case len(statements) > maxScript, script.Len() > maxScriptText:
		return migrationFault(f.name, statements[0].line, fmt.Sprintf(
			"a migration with PRAGMA foreign_keys is sent to a server in one request, which has room for %d statements and %d MiB; put the others into a migration of their own",
			maxScript, maxScriptText>>20))
	case len(sqltext.Split(script.String())) != len(statements):
		return migrationFault(f.name, statements[0].line, "a string or a comment isn't closed before -- +goose StatementBegin or StatementEnd")
	default:
		return nil
	}
}

// problem returns the reason to refuse a statement, or "".
func (f migrationFile) problem(s sqltext.Statement) string {
	if f.noTx {
		return ""
	}
	switch s.Kind {
	case sqltext.BeginDeferred, sqltext.BeginWrite, sqltext.Commit, sqltext.Rollback:
		return "BEGIN, COMMIT and ROLLBACK can't be in a migration, which is a transaction already; leave them out, or " + noTransaction
	case sqltext.Outside:
		return outsideProblem(s)
	default:
		return ""
	}
}

// ineffective lists the PRAGMAs that SQLite doesn't set inside a transaction.
var ineffective = []string{"foreign_keys", "journal_mode", "synchronous", "page_size", "auto_vacuum", "encoding"}

// outsideProblem is problem for a statement that can't run in a transaction.
func outsideProblem(s sqltext.Statement) string {
	p, isPragma := s.Pragma()
	if !isPragma {
		return verb(s.Text) + " can't be in a transaction, which a migration is; " + noTransaction
	}
	switch {
	case p.Name == "foreign_keys" && p.Sets:
		return "PRAGMA foreign_keys does nothing in a transaction, which a migration is; " + noTransaction + ", or PRAGMA defer_foreign_keys = ON in its place"
	case p.Sets && slices.Contains(ineffective, p.Name), p.Name == "wal_checkpoint":
		return "PRAGMA " + p.Name + " has no effect in a transaction, which a migration is; " + noTransaction
	default:
		return ""
	}
}

// setsForeignKeys reports whether a section has a PRAGMA that turns foreign keys on or off.
func (s section) setsForeignKeys() bool {
	return slices.ContainsFunc(s.statements(), func(st migrationStatement) bool {
		p, isPragma := st.Pragma()
		return isPragma && p.Name == "foreign_keys" && p.Sets
	})
}

// verb returns the first word of a statement, without a leading EXPLAIN, in upper case.
func verb(text string) string {
	for token := range sqltext.Tokens(text) {
		word := strings.ToUpper(token.Text)
		if token.Kind == sqltext.Word && !slices.Contains([]string{"EXPLAIN", "QUERY", "PLAN"}, word) {
			return word
		}
	}
	return ""
}

// lastOpen returns the index of the last BEGIN without a COMMIT or ROLLBACK after it, or -1.
func lastOpen(statements []migrationStatement) int {
	open := -1
	for i, s := range statements {
		switch s.Kind {
		case sqltext.BeginDeferred, sqltext.BeginWrite:
			open = i
		case sqltext.Commit, sqltext.Rollback:
			open = -1
		}
	}
	return open
}
