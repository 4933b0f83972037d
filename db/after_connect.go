package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// A connectFunc sets a new connection up.
type connectFunc = func(context.Context, *sql.Conn) error

// WithAfterConnect runs SQL on each connection when it opens, before anything else uses it:
//
//	pool, err := db.Open(ctx, "app.db", db.WithAfterConnect(`
//		ATTACH '/var/lib/app/archive.db' AS archive;
//		PRAGMA cache_size = -64000;
//		CREATE TEMP VIEW recent AS SELECT * FROM books WHERE year > 2020;
//	`))
//
// The statements run one by one, outside of a transaction. If one fails, Open fails, or later the
// call that needed another connection. Statements with arguments need [WithAfterConnectFunc].
// Several such options run in their order.
//
// A PRAGMA that is set here is the connection's own: when a program sets it to another value on a
// [database/sql.Conn], this value returns with the end of the borrowing. A PRAGMA that would break
// a promise of this package is an error that names the way to do it, such as journal_mode,
// foreign_keys and synchronous; so is a PRAGMA that sets the database, such as user_version.
//
// ATTACH takes a path, which is relative to the current folder. Each connection has the attached
// files and temporary tables of its own. An attached file has a rollback journal, in which readers
// and a writer wait for each other, until PRAGMA archive.journal_mode = WAL has changed it.
//
// The option applies to files and databases in memory. A server keeps no settings, no temporary
// tables and no attached files for a connection. With a replica a statement runs on the copy or on
// the server, and would find them in one of the two only.
func WithAfterConnect(text string) Option {
	return func(c *config) error {
		return c.addAfterConnect("WithAfterConnect", func(ctx context.Context, conn *sql.Conn) error {
			_, err := conn.ExecContext(ctx, text)
			return err
		})
	}
}

// WithAfterConnectFunc calls fn with each connection when it opens, before anything else uses it.
// What [WithAfterConnect] says of SQL is true of the statements that fn runs. fn may begin
// transactions, and must end them. It may not use conn after it has returned, nor wait for another
// connection of the pool. It is called by several goroutines at a time.
func WithAfterConnectFunc(fn func(ctx context.Context, conn *sql.Conn) error) Option {
	return func(c *config) error {
		if fn == nil {
			return errors.New("WithAfterConnectFunc: the function is nil")
		}
		return c.addAfterConnect("WithAfterConnectFunc", fn)
	}
}

func (c *config) addAfterConnect(option string, fn connectFunc) error {
	if c.engine != SQLite {
		return fmt.Errorf("%w; a server keeps no settings, temporary tables or attached files for a connection", errNotFor(option, c.engine))
	}
	c.afterConnect = append(c.afterConnect, func(ctx context.Context, conn *sql.Conn) error {
		if err := fn(ctx, conn); err != nil {
			return fmt.Errorf("%s: %w", option, err)
		}
		return nil
	})
	return nil
}

// setUp runs the options' functions on a new connection.
func (c config) setUp(ctx context.Context, conn *sql.Conn) error {
	for _, fn := range c.afterConnect {
		if err := fn(ctx, conn); err != nil {
			return err
		}
	}
	return nil
}
