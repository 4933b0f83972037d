package clientgo

import (
	"context"
	"strings"
	"time"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/internal/sqltext"
)

type conn struct {
	inner clientConn
	used  bool // the stream has run a statement
	began bool // by Begin, and not yet ended by Commit or Rollback
	inTx  bool
	mode  engine.Mode
	// broken: the stream is lost, or its state on the server is unknown.
	broken bool
}

var _ engine.Conn = (*conn)(nil)

// askTimeout bounds how long stillInTx waits for the server.
const askTimeout = 5 * time.Second

// Prepare implements [engine.Conn]. The client refuses numbers with gaps when it runs the
// statement. A dynamic statement needs the error before it runs, to run without a variant.
func (c *conn) Prepare(_ context.Context, s *sqltext.Statement) (engine.Stmt, error) {
	if hasGap(s) {
		return nil, &engine.Error{Message: "libsql-client-go takes no numbers with gaps, such as ?1, ?3: number the parameters without gaps"}
	}
	return &stmt{c, s}, nil
}

// hasGap reports whether the statement has an unused number.
func hasGap(s *sqltext.Statement) bool {
	unnamed := 0
	for _, name := range s.Params {
		if name == "" {
			unnamed++
		}
	}
	if unnamed == 0 {
		return false
	}
	for t := range sqltext.Tokens(s.Text) {
		if t.Kind == sqltext.Parameter && t.Text == "?" {
			unnamed--
		}
	}
	return unnamed > 0
}

// before prepares the stream for a statement. Outside of a transaction each statement gets a
// new stream, since the client doesn't notice when the server has closed an idle one.
func (c *conn) before(ctx context.Context, kind sqltext.Kind) error {
	switch {
	case c.began && !c.inTx:
		return engine.TxLost()
	case c.broken:
		return &engine.Error{Kind: engine.ErrUnavailable, Message: "the connection has failed before"}
	case c.began && c.mode == engine.Read && writes(kind):
		return engine.WriteRefused()
	case c.used && !c.inTx:
		return c.inner.ResetSession(ctx)
	default:
		return nil
	}
}

// writes reports whether a read transaction refuses the kind. The server doesn't refuse it:
// there it is an ordinary transaction.
func writes(kind sqltext.Kind) bool {
	switch kind {
	case sqltext.Insert, sqltext.Change, sqltext.Other, sqltext.Outside:
		return true
	default:
		return false
	}
}

// after updates the state of the connection after a statement.
func (c *conn) after(kind sqltext.Kind, err error) error {
	c.used = true
	wasInTx := c.inTx
	if err != nil {
		c.broken = c.broken || breaks(err)
		if c.broken {
			c.inTx = false
		} else if c.inTx {
			c.inTx = c.stillInTx()
		}
		return translate(kind, wasInTx, err)
	}
	switch kind {
	case sqltext.BeginDeferred, sqltext.BeginWrite:
		c.inTx = true
	case sqltext.Commit, sqltext.Rollback:
		c.inTx = false
	case sqltext.Savepoint: // may begin or end a transaction
		c.inTx = c.stillInTx()
	}
	return nil
}

// stillInTx asks the server whether a transaction is open. Most errors leave it open; an
// interrupted statement, ON CONFLICT ROLLBACK and the server's time limit end it. Inside a
// transaction BEGIN fails and changes nothing.
func (c *conn) stillInTx() bool {
	ctx, cancel := context.WithTimeout(context.Background(), askTimeout)
	defer cancel()
	if _, err := c.inner.ExecContext(ctx, "BEGIN", nil); err != nil {
		return strings.Contains(err.Error(), "cannot start a transaction within a transaction")
	}
	if _, err := c.inner.ExecContext(ctx, "ROLLBACK", nil); err != nil {
		c.broken = true
	}
	return false
}

// Begin implements [engine.Conn].
func (c *conn) Begin(ctx context.Context, mode engine.Mode) error {
	text, kind := "BEGIN IMMEDIATE", sqltext.BeginWrite
	if mode == engine.Read {
		text, kind = "BEGIN", sqltext.BeginDeferred
	}
	if err := c.run(ctx, text, kind); err != nil {
		return err
	}
	c.began, c.mode = true, mode
	return nil
}

// Commit implements [engine.Conn].
func (c *conn) Commit(ctx context.Context) error {
	if c.mode == engine.Read {
		// A write that the checks missed must not be kept.
		return c.Rollback(ctx)
	}
	err := c.run(ctx, "COMMIT", sqltext.Commit)
	if !c.inTx {
		c.began = false
	}
	return err
}

// Rollback implements [engine.Conn].
func (c *conn) Rollback(ctx context.Context) error {
	c.began = false
	if !c.inTx {
		return nil
	}
	return c.run(ctx, "ROLLBACK", sqltext.Rollback)
}

// InTx implements [engine.Conn].
func (c *conn) InTx() bool { return c.inTx }

// ExecAll implements [engine.Conn].
func (c *conn) ExecAll(ctx context.Context, statements []sqltext.Statement) (sum engine.Result, err error) {
	for i := range statements {
		done, err := (&stmt{c, &statements[i]}).Exec(ctx, nil)
		if err != nil {
			return sum, err
		}
		sum.Add(done)
	}
	return sum, nil
}

func (c *conn) run(ctx context.Context, text string, kind sqltext.Kind) error {
	_, err := (&stmt{c, &sqltext.Statement{Text: text, Kind: kind}}).Exec(ctx, nil)
	return err
}

// Ping implements [engine.Conn]. The client's own Ping sends nothing.
func (c *conn) Ping(ctx context.Context) error {
	return c.run(ctx, "SELECT 1", sqltext.Read)
}

// Valid implements [engine.Conn].
func (c *conn) Valid() bool { return !c.broken }

// Close implements [engine.Conn].
func (c *conn) Close() error { return c.inner.Close() }
