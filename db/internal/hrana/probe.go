package hrana

import (
	"context"
	"strings"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/hrana/wire"
	"github.com/duolite/duolite/internal/sqltext"
)

// schemaError is the text that sqld puts before each error of a schema database. These errors have
// no code of their own.
const schemaError = "Schema migration error: "

// probe finds out whether the database keeps a transaction open from one request to the next. A
// schema database, from which sqld copies the schema to other databases, doesn't: BEGIN has no
// effect, each statement is committed by itself, and ROLLBACK undoes nothing, all without an error.
// So probe refuses such a database before any other statement is sent. The transaction of the probe
// ends with its stream.
func (c *conn) probe(ctx context.Context) error {
	if err := c.freeStream(ctx); err != nil {
		return err
	}
	begin := &wire.Request{Batch: true, Steps: []wire.Step{{SQL: "BEGIN READONLY"}, {SQL: "SELECT 1", When: wire.AfterOK}}, Close: true}
	rep, err := c.call(ctx, begin, risk{repeat: true})
	if err != nil {
		return err
	}
	first := &rep.Results[0]
	failed := first.Err
	for i := range first.Steps {
		if failed == nil {
			failed = first.Steps[i].Err
		}
	}
	switch {
	case failed == nil:
		c.db.hasTransactions.Store(true)
		return nil
	case strings.HasPrefix(failed.Message, schemaError):
		return &engine.Error{Kind: engine.ErrCantOpen, Message: "this is a schema database, which has no transactions: " +
			"open one of the databases that share its schema, and change the schema with the server's own tools"}
	default:
		return convert(failed, c.key)
	}
}

// needsProbe reports whether a statement of the kind has to wait for the probe.
func (c *conn) needsProbe(kind sqltext.Kind) bool {
	return (c.state == pending || c.state == idle && kind != sqltext.Read) && !c.db.hasTransactions.Load()
}
