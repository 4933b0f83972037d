package replica

import (
	"cmp"
	"context"
	"database/sql/driver"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/internal/sqltext"
)

// A stmt is a prepared statement. Each run decides again where it runs.
type stmt struct {
	conn  *conn
	text  *sqltext.Statement
	local engine.Stmt // nil if the copy doesn't run it
	// localErr is the copy's error about the statement, or nil. The server may know a newer schema.
	localErr error
	server   engine.Stmt
}

// Prepare implements [engine.Conn].
func (c *conn) Prepare(ctx context.Context, text *sqltext.Statement) (engine.Stmt, error) {
	server, err := c.server.Prepare(ctx, text)
	if err != nil {
		return nil, err
	}
	s := &stmt{conn: c, text: text, server: server}
	if err := s.compile(ctx); err != nil {
		return nil, err
	}
	return s, nil
}

// compile compiles the statement for the copy, if the copy may run it.
func (s *stmt) compile(ctx context.Context) error {
	c := s.conn
	if s.local != nil || !c.mayRun(s.text) || c.server.InTx() {
		return nil
	}
	if !c.reading {
		if err := c.db.awaitWrites(ctx, c.follow); err != nil {
			return err
		}
	}
	local, err := c.local.Prepare(ctx, s.text)
	if s.localErr = err; err != nil {
		return ctx.Err()
	}
	if !readsOnly(local) {
		return local.Close()
	}
	s.local = local
	return nil
}

// Check implements [engine.Stmt].
func (s *stmt) Check(ctx context.Context) error {
	if s.local != nil {
		return nil
	}
	return s.ofServer(s.server.Check(ctx))
}

// place returns the statement of the copy or of the server, whichever is to run now.
func (s *stmt) place(ctx context.Context) (engine.Stmt, error) {
	c := s.conn
	if err := s.compile(ctx); err != nil {
		return nil, err
	}
	switch {
	case c.reading && s.local != nil:
		return s.local, nil
	case c.reading && s.localErr != nil:
		return nil, s.localErr
	case c.reading:
		return nil, engine.WriteRefused()
	case s.local == nil || c.server.InTx() || s.text.Kind == sqltext.Savepoint:
		return s.server, nil
	default:
		return s.local, c.db.awaitWrites(ctx, c.follow)
	}
}

// Query implements [engine.Stmt].
func (s *stmt) Query(ctx context.Context, args []driver.Value) (engine.Rows, error) {
	at, err := s.place(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := at.Query(ctx, args)
	if at == s.server {
		err = s.ofServer(err)
	}
	return rows, err
}

// Exec implements [engine.Stmt].
func (s *stmt) Exec(ctx context.Context, args []driver.Value) (engine.Result, error) {
	at, err := s.place(ctx)
	if err != nil {
		return engine.Result{}, err
	}
	result, err := at.Exec(ctx, args)
	if at == s.server {
		err = s.ofServer(err)
	}
	return result, err
}

// ofServer returns an error of the server for the program. Without the server, the copy's own error is
// all that is known about a statement that the copy can't compile.
func (s *stmt) ofServer(err error) error {
	e, is := err.(*engine.Error)
	noServer := is && e.Kind == engine.ErrUnavailable && !e.OutcomeUnknown || isPullOnly(s.conn.follow, err)
	if noServer && s.localErr != nil {
		return s.localErr
	}
	return s.conn.ofServer(err)
}

// Close implements [engine.Stmt].
func (s *stmt) Close() error {
	if s.local != nil {
		return cmp.Or(s.local.Close(), s.server.Close())
	}
	return s.server.Close()
}

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
