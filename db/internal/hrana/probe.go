package hrana

import (
	"context"
	"strings"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/sqltext"
)

// schemaError is what sqld puts before each error of a schema database. It has no code of its
// own for them.
const schemaError = "Schema migration error: "

// probe asks whether a transaction stays open from one request to the next. It doesn't in a
// schema database, from which sqld copies the schema to other databases: there BEGIN before a
// write does nothing, each statement is committed by itself, and ROLLBACK undoes nothing. All
// of it answers without an error, so such a database is refused before anything else is sent.
// The transaction of the probe ends with its stream.
func (c *conn) probe(ctx context.Context) error {
	if err := c.freeStream(ctx); err != nil {
		return err
	}
	begin := &request{batch: true, steps: []step{{sql: "BEGIN READONLY"}, {sql: "SELECT 1", when: afterOK}}, close: true}
	rep, err := c.call(ctx, begin, risk{repeat: true})
	if err != nil {
		return err
	}
	first := &rep.results[0]
	failed := first.err
	for i := range first.steps {
		if failed == nil {
			failed = first.steps[i].err
		}
	}
	switch {
	case failed == nil:
		c.db.hasTx.Store(true)
		return nil
	case strings.HasPrefix(failed.message, schemaError):
		return &engine.Error{Kind: engine.ErrCantOpen, Message: "this is a schema database, which has no transactions: " +
			"open one of the databases that share its schema, and change the schema with the server's own tools"}
	default:
		return failed.translate(c.key)
	}
}

// needsProbe reports whether to find out about transactions before a statement of the kind.
func (c *conn) needsProbe(kind sqltext.Kind) bool {
	return (c.state == pending || c.state == idle && kind != sqltext.Read) && !c.db.hasTx.Load()
}
