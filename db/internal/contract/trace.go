package contract

import (
	"context"
	"database/sql/driver"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/duolite/duolite/db/dbtrace"
	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/internal/sqltext"
)

// A Tracing has the tracers of a pool.
type Tracing struct {
	Tracers  []dbtrace.Tracer
	Args     bool   // show the arguments
	Database string // the URL to show
}

// TraceBy has a connector of this package call tracers. It is called before the first connection.
func TraceBy(of driver.Connector, t Tracing) {
	of.(*connector).tracing = t
}

// traced reports whether the pool has a tracer.
func (c *connector) traced() bool { return len(c.tracing.Tracers) > 0 }

// A trace is a call that the tracers see.
type trace struct {
	call     dbtrace.Call
	owner    *connector
	conn     *conn // nil while it is being opened
	contexts []context.Context
	explain  func() ([]string, error)
	ran      string // the text that explain explains: of the variant, if there is one
}

// startTrace begins the trace of a call without arguments. It returns nil if there is no tracer.
func (c *conn) startTrace(ctx context.Context, op dbtrace.Op, text string) *trace {
	if !c.owner.traced() {
		return nil
	}
	t := c.newTrace(op, text)
	t.start(ctx)
	return t
}

// startStatement begins the trace of a Query or an Exec, or returns nil.
func (c *conn) startStatement(ctx context.Context, op dbtrace.Op, query string, args []driver.NamedValue) *trace {
	if !c.owner.traced() {
		return nil
	}
	t := c.newTrace(op, query)
	t.call.Statements = 1
	t.showArgs(args)
	t.start(ctx)
	return t
}

// startBatch begins the trace of a batch, or returns nil.
func (c *conn) startBatch(ctx context.Context, b *Batch) *trace {
	if !c.owner.traced() {
		return nil
	}
	t := c.newTrace(dbtrace.Batch, "")
	t.call.Name, t.call.Statements = b.names(), len(b.Calls)
	t.start(ctx)
	return t
}

// newTrace returns a trace that hasn't begun. A connection uses the memory of its traces again.
func (c *conn) newTrace(op dbtrace.Op, text string) *trace {
	var t *trace
	if n := len(c.spareTraces); n > 0 {
		t, c.spareTraces = c.spareTraces[n-1], c.spareTraces[:n-1]
	} else {
		t = &trace{owner: c.owner, conn: c}
		t.explain = t.plan
	}
	t.call = dbtrace.Call{Op: op, Text: text, Name: queryName(text)}
	return t
}

// start begins the trace.
func (t *trace) start(ctx context.Context) {
	if lean, ok := ctx.(*leanContext); ok {
		ctx = lean.Context
	}
	t.call.Database, t.call.Start = t.owner.tracing.Database, time.Now()
	for _, tracer := range t.owner.tracing.Tracers {
		ctx = tracer.Start(ctx, &t.call)
		t.contexts = append(t.contexts, ctx)
	}
	if t.conn != nil {
		t.count(t.conn, -1)
	}
}

// end ends the trace. It may be called with nil.
func (t *trace) end(rows int64, err error) {
	if t == nil {
		return
	}
	call := &t.call
	call.Duration = time.Since(call.Start)
	call.Rows = rows
	if call.Err == nil {
		call.Err = err
	}
	if t.conn != nil {
		t.count(t.conn, 1)
	}
	for i, tracer := range slices.Backward(t.owner.tracing.Tracers) {
		tracer.End(t.contexts[i], call)
	}
	if t.conn != nil {
		call.Args, call.Err = nil, nil
		clear(t.contexts)
		t.contexts = t.contexts[:0]
		t.conn.spareTraces = append(t.conn.spareTraces, t)
	}
}

// count adds the work of the connection so far, times sign, to the call.
func (t *trace) count(c *conn, sign int64) {
	for _, m := range c.meters {
		t.call.Requests += sign * m.Requests
		t.call.Repeats += sign * m.Repeats
		t.call.Waited += time.Duration(sign) * m.Waited
	}
}

// mayExplain lets the tracers ask for the plan of the statement. t may be nil.
func (t *trace) mayExplain(s *sqltext.Statement) {
	if t != nil && (s.Kind == sqltext.Read || s.Kind == sqltext.Insert || s.Kind == sqltext.Change) {
		t.ran, t.call.Explain = s.Text, t.explain
	}
}

// showArgs lets the tracers see the arguments, if the program wants that.
func (t *trace) showArgs(args []driver.NamedValue) {
	if !t.owner.tracing.Args || len(args) == 0 {
		return
	}
	t.call.Args = make([]any, len(args))
	for i, arg := range args {
		t.call.Args[i] = arg.Value
	}
}

var errNoPlan = errors.New("the plan can't be made now: the connection or its transaction is lost")

// plan runs EXPLAIN QUERY PLAN for the text that ran. It leaves no trace in the connection: in SQLite it keeps changes(), and
// for a server it uses another connection, since a transaction is lost with the answer to its statement.
func (t *trace) plan() (lines []string, err error) {
	c := t.conn
	if err := c.enter(); err != nil {
		return nil, err
	}
	defer c.busy.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), planTimeout)
	defer cancel()
	text := "EXPLAIN QUERY PLAN " + t.ran
	if keeper, ok := c.engine.(engine.ChangeKeeper); ok {
		if c.tx == txLost || c.tx == rawLost || !c.engine.Valid() {
			return nil, errNoPlan
		}
		keeper.KeepChanges(func() { lines, err = planLines(ctx, c.engine, text) })
		return lines, c.translate(err)
	}
	beside, err := c.owner.database.Connect(ctx)
	if err != nil {
		return nil, c.translate(err)
	}
	defer beside.Close()
	lines, err = planLines(ctx, beside, text)
	return lines, c.translate(err)
}

// planTimeout limits a plan.
const planTimeout = 5 * time.Second

func planLines(ctx context.Context, on engine.Conn, text string) (lines []string, err error) {
	statement, err := parseOne(text)
	if err != nil {
		return nil, err
	}
	depth := map[int64]int{}
	none := make([]driver.Value, len(statement.Params))
	err = engine.Query(ctx, on, text, none, func(row []driver.Value) error { // id, parent, notused, detail
		id, _ := row[0].(int64)
		parent, _ := row[1].(int64)
		detail, _ := row[3].(string)
		lines = append(lines, strings.Repeat("  ", depth[parent])+detail)
		depth[id] = depth[parent] + 1
		return nil
	})
	return lines, err
}

// queryName returns the name of a query in the comment that sqlc writes first, or "".
func queryName(text string) string {
	rest, ok := strings.CutPrefix(text, "-- name: ")
	if !ok {
		return ""
	}
	end := strings.IndexAny(rest, " \n")
	if end < 0 || rest[end] != ' ' {
		return ""
	}
	return rest[:end]
}

// maxNames limits the names of a batch that tracers see.
const maxNames = 5

// names returns the names of the batch's queries, each once.
func (b *Batch) names() string {
	var names []string
	for i := range b.Calls {
		name := queryName(b.Calls[i].Text)
		switch {
		case name == "" || slices.Contains(names, name):
		case len(names) == maxNames:
			return strings.Join(names, "+") + "+…"
		default:
			names = append(names, name)
		}
	}
	return strings.Join(names, "+")
}

// changed returns the number of rows that the batch's statements have changed.
func (b *Batch) changed() (rows int64) {
	for i := range b.Answers {
		rows += b.Answers[i].RowsAffected()
	}
	return rows
}
