package replica

import (
	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/internal/sqltext"
)

// The copy runs a statement that reads the database and nothing else. SQLite decides that by the
// compiled statement, not by its words. Three kinds of statements count as reading for SQLite and
// go to the server: the ones that change the connection (ATTACH, SAVEPOINT, most PRAGMAs), that
// write later (REINDEX, PRAGMA optimize), and that ask about the connection's last write.

// schemaPragmas are PRAGMAs that only read the schema and the file.
var schemaPragmas = map[string]bool{
	"foreign_key_list": true,
	"index_info":       true,
	"index_list":       true,
	"index_xinfo":      true,
	"integrity_check":  true,
	"quick_check":      true,
	"table_info":       true,
	"table_list":       true,
	"table_xinfo":      true,
	"user_version":     true, // of the file; setting it isn't reading
}

// mayRun reports whether the copy may run a statement now, if SQLite agrees.
func (c *conn) mayRun(text *sqltext.Statement) bool {
	switch text.Kind {
	case sqltext.Read:
		return true
	case sqltext.Savepoint:
		return c.reading
	case sqltext.Pragma:
		p, ok := text.Pragma()
		return ok && schemaPragmas[p.Name] && (!p.Sets || p.Name != "user_version")
	default:
		return false
	}
}

// readsOnly reports whether a compiled statement of the copy reads the database and nothing else.
func readsOnly(local engine.Stmt) bool { return local.(interface{ ReadsOnly() bool }).ReadsOnly() }
