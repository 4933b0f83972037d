package contract

import (
	"context"
	"database/sql/driver"
	"errors"

	"github.com/duolite/duolite/db/internal/engine"
)

// An Ask reaches the engine's connection through database/sql and through wrappers, as a [Batch]
// does: it is the only argument of a call of ExecContext with the text [AskText].
type Ask struct {
	// Do is called with the engine's connection.
	Do func(context.Context, engine.Conn) error
	// Taken: a connection of this driver received the Ask and called Do.
	Taken bool
}

// AskText is the SQL text of the call. SQLite reads it as a comment.
const AskText = "-- a question of package db"

var errAskForeign = errors.New("this needs a database opened by db.Open (or sql.OpenDB with db.NewConnector); this database has another driver")

// String is the text that wrappers show if they log arguments.
func (*Ask) String() string { return "a question of package db" }

// Value implements [driver.Valuer], which other drivers call.
func (*Ask) Value() (driver.Value, error) { return nil, errAskForeign }

// Foreign returns the error of an Ask that a foreign driver has accepted.
func (a *Ask) Foreign() error {
	if a.Taken {
		return nil
	}
	return errAskForeign
}

func (c *conn) ask(ctx context.Context, a *Ask) error {
	if err := c.enter(); err != nil {
		return err
	}
	defer c.busy.Unlock()
	c.begins(0)
	a.Taken = true
	return c.ended(ctx, a.Do(ctx, c.engine))
}
