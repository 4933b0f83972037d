package hrana

import (
	"context"
	"errors"
	"strings"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/hrana/transport"
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
//
// The probe also finds out whether the server has protobuf: another server refuses it, and gets the probe again
// in JSON. It changes nothing, so it may run twice.
func (c *conn) probe(ctx context.Context) error {
	if err := c.freeStream(ctx); err != nil {
		return err
	}
	begin := &wire.Request{Batch: true, Steps: []wire.Step{{SQL: "BEGIN READONLY"}, {SQL: "SELECT 1", When: wire.AfterOK}}, Close: true}
	c.tryProtobuf = true
	rep, err := c.call(ctx, begin, risk{repeat: true})
	c.tryProtobuf = false
	if err == nil {
		c.db.hasProtobuf.Store(true)
	} else if isWithoutProtobuf(err) {
		rep, err = c.call(ctx, begin, risk{repeat: true})
	}
	if err != nil {
		return err
	}
	first := &rep.Results[0]
	failed, skipped := first.Err, false
	for i := range first.Steps {
		if failed == nil {
			failed, skipped = first.Steps[i].Err, first.Steps[i].Skipped()
		}
	}
	switch {
	case failed == nil && skipped:
		return notServer(wire.ErrSyntax)
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

// isWithoutProtobuf reports whether a server that has no protobuf may have answered so. Nothing says how it
// does: it may take the path or the body for wrong.
func isWithoutProtobuf(err error) bool {
	var status *transport.StatusError
	var redirect *transport.RedirectError
	return errors.Is(err, wire.ErrSyntax) || errors.As(err, &redirect) || errors.As(err, &status) && status.Refused()
}

// needsProbe reports whether a statement of the kind has to wait for the probe.
func (c *conn) needsProbe(kind sqltext.Kind) bool {
	return (c.state == pending || c.state == idle && kind != sqltext.Read) && !c.db.hasTransactions.Load()
}
