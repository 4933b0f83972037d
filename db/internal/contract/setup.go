package contract

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/internal/sqltext"
)

// SetUpBy has a connector of this package call f with each new connection, before anything else may
// use it. It is called before the first connection.
func SetUpBy(of driver.Connector, f func(context.Context, *sql.Conn) error) {
	of.(*connector).setUp = f
}

// A lender is the connector of a pool of one connection, which belongs to somebody else.
type lender struct{ conn *conn }

func (l lender) Connect(context.Context) (driver.Conn, error) { return lent{l.conn}, nil }

func (l lender) Driver() driver.Driver { return l.conn.owner.driver }

// A lent connection is neither closed nor reset by its pool.
type lent struct{ *conn }

func (lent) Close() error { return nil }

func (lent) IsValid() bool { return true }

func (lent) ResetSession(context.Context) error { return nil }

// runSetUp runs the program's set-up of the connection.
func (c *conn) runSetUp(ctx context.Context) error {
	pool := sql.OpenDB(lender{c})
	defer pool.Close()
	shown, err := pool.Conn(ctx)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	take := func() { // closes rows that are open, for which Close waits
		cancel()
		shown.Close()
	}
	defer take() // after a panic
	c.settingUp = true
	err = c.inSetUp(ctx, func() error { return c.owner.setUp(ctx, shown) })
	open := false
	look := func(any) error {
		open = c.tx != txNone || c.engine.InTx()
		return nil
	}
	if shown.Raw(look) != nil { // Raw waits for a goroutine of the set-up; there is none if conn is closed
		_ = look(nil)
	}
	take()
	c.settingUp = false
	switch {
	case err != nil:
		return err
	case open:
		return errors.New("the set-up of a connection left a transaction open; end it there")
	case !c.reset():
		return errors.New("the set-up of a connection left it unusable")
	}
	return nil
}

// inSetUp calls run in the engine's set-up, if it has one.
func (c *conn) inSetUp(ctx context.Context, run func() error) error {
	if e, ok := c.engine.(engine.SetUpper); ok {
		return e.SetUp(ctx, run)
	}
	return run()
}

// setUpRefused has the PRAGMAs that a set-up may not set, with the way that there is instead. Each
// of them would break a promise of the pool on all connections.
var setUpRefused = map[string]string{
	"busy_timeout":             "use the option WithBusyTimeout",
	"defer_foreign_keys":       "it lasts for one transaction; set it there",
	"foreign_keys":             "it is ON on each connection; set it on a sql.Conn, for the statements that need it OFF",
	"ignore_check_constraints": "set it on a sql.Conn, for the statements that need it",
	"journal_mode":             "each file has a write-ahead log; for an attached file write its name before, as in other.journal_mode",
	"locking_mode":             "the connections of a pool share the file",
	"query_only":               "open the file with mode=ro",
	"synchronous":              "it is NORMAL, or FULL by the option WithFullSync; for an attached file write its name before, as in other.synchronous",
	"writable_schema":          "set it on a sql.Conn, for the statements that need it",
}

// checkSetUp fails for a PRAGMA that a set-up may not set.
func checkSetUp(p sqltext.PragmaText) error {
	instead, refused := setUpRefused[p.Name]
	switch scope := pragmaScopes[p.Name]; {
	case scope == pragmaDatabase:
		instead = "it belongs to the database and not to a connection; set it once, for example in a migration"
	case scope == pragmaProcess:
		instead = "it belongs to the process and not to a connection"
	case !refused, ofAttached(p):
		return nil
	}
	return fmt.Errorf("PRAGMA %s can't be set when a connection opens: %s", p.Name, instead)
}

// ofAttached reports whether a PRAGMA sets an attached file, and nothing else.
func ofAttached(p sqltext.PragmaText) bool {
	return (p.Name == "journal_mode" || p.Name == "synchronous") && p.Schema != "" && !strings.EqualFold(p.Schema, "main")
}
