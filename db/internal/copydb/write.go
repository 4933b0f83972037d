package copydb

import (
	"context"
	"database/sql/driver"
	"encoding/hex"
	"fmt"
	"math"
	"strings"
	"unicode/utf8"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/internal/sqltext"
)

const (
	// groupRows and groupParams limit the rows and the parameters of an INSERT. More aren't faster.
	groupRows, groupParams = 100, 1000
)

// A writer writes to the target.
type writer struct {
	conn       engine.Conn
	maxBytes   int // of a request
	statements map[string]*sqltext.Statement
	compiled   map[*sqltext.Statement]engine.Stmt // for an engine without batches
}

func newWriter(c engine.Conn, maxBytes int) *writer {
	return &writer{c, maxBytes, map[string]*sqltext.Statement{}, map[*sqltext.Statement]engine.Stmt{}}
}

func (w *writer) close() {
	for _, stmt := range w.compiled {
		stmt.Close()
	}
}

// step returns a step that runs a statement.
func (w *writer) step(text string, args ...driver.Value) engine.Step {
	statement := w.statements[text]
	if statement == nil {
		statement = &sqltext.Split(text)[0]
		if len(args) > 0 { // otherwise it hardly comes again
			w.statements[text] = statement
		}
	}
	return engine.Step{Statement: statement, Args: args}
}

// apply runs steps in a transaction of their own: all or none. failed is the index of the step that failed, or -1.
func (w *writer) apply(ctx context.Context, steps []engine.Step) (failed int, err error) {
	return w.inTx(ctx, steps, engine.Whole)
}

// try runs steps in a transaction, and undoes them.
func (w *writer) try(ctx context.Context, steps []engine.Step) (failed int, err error) {
	return w.inTx(ctx, steps, engine.Nested)
}

// inTx runs steps in a transaction, which is committed unless they are nested or one fails.
func (w *writer) inTx(ctx context.Context, steps []engine.Step, around engine.Around) (failed int, err error) {
	if err := w.conn.Begin(ctx, engine.Write); err != nil {
		return -1, err
	}
	failed, err = w.runAll(ctx, steps, around)
	if err != nil || around == engine.Nested {
		undone := w.conn.Rollback(context.WithoutCancel(ctx)) // no effect if the transaction has ended
		if err == nil {
			err = undone
		}
	}
	return failed, err
}

func (w *writer) runAll(ctx context.Context, steps []engine.Step, around engine.Around) (failed int, err error) {
	var replies []engine.Reply
	if batcher, ok := w.conn.(engine.Batcher); ok {
		replies, err = batcher.Batch(ctx, &engine.Batch{Steps: steps, Around: around, MaxBytes: w.maxBytes, MaxSteps: engine.MaxSteps})
	} else {
		replies, err = engine.RunEach(ctx, w.conn, around, len(steps), func(i int) engine.Reply { return engine.Reply{Err: w.run(ctx, &steps[i])} })
	}
	for i := range replies {
		if replies[i].Err != nil {
			return i, replies[i].Err
		}
	}
	return -1, err
}

// run runs a step. The statements that come again stay compiled.
func (w *writer) run(ctx context.Context, step *engine.Step) error {
	stmt := w.compiled[step.Statement]
	if stmt == nil {
		var err error
		if stmt, err = w.conn.Prepare(ctx, step.Statement); err != nil {
			return err
		}
		if w.statements[step.Statement.Text] == step.Statement {
			w.compiled[step.Statement] = stmt
		} else {
			defer stmt.Close()
		}
	}
	_, err := stmt.Exec(ctx, step.Args)
	return err
}

// inserts returns the steps that store the rows of a chunk.
func (w *writer) inserts(c *chunk) []engine.Step {
	var steps []engine.Step
	columns := len(c.table.columns)
	group := max(1, min(groupRows, groupParams/max(1, columns)))
	into := fmt.Sprintf("INSERT INTO %s (%s) VALUES ", c.table.on(), strings.Join(c.table.columns, ", "))
	row := "(?" + strings.Repeat(", ?", columns-1) + ")"
	for first := 0; first < c.len(); {
		n := 0
		for n < group && first+n < c.len() && !odd(c.row(first+n)) {
			n++
		}
		if n == 0 { // a row with a value that can't be a parameter
			var b strings.Builder
			var args []driver.Value
			b.WriteString(into)
			b.WriteByte('(')
			for i, value := range c.row(first) {
				if i > 0 {
					b.WriteString(", ")
				}
				args = appendValue(&b, args, value)
			}
			b.WriteByte(')')
			steps = append(steps, engine.Step{Statement: &sqltext.Split(b.String())[0], Args: args})
			first++
			continue
		}
		steps = append(steps, w.step(into+row+strings.Repeat(", "+row, n-1), c.values[first*columns:(first+n)*columns]...))
		first += n
	}
	return steps
}

// odd reports whether a row has a value that can't be a parameter on a server.
func odd(row []driver.Value) bool {
	for _, value := range row {
		switch v := value.(type) {
		case float64:
			if math.IsInf(v, 0) {
				return true
			}
		case string:
			if !utf8.ValidString(v) {
				return true
			}
		}
	}
	return false
}

// appendValue appends a value to a statement: a parameter, or SQL for values that a server doesn't take as one.
func appendValue(b *strings.Builder, args []driver.Value, value driver.Value) []driver.Value {
	switch v := value.(type) {
	case float64:
		switch {
		case math.IsInf(v, 1):
			b.WriteString("9e999")
			return args
		case math.IsInf(v, -1):
			b.WriteString("-9e999")
			return args
		}
	case string:
		if !utf8.ValidString(v) {
			b.WriteString("CAST(x'" + hex.EncodeToString([]byte(v)) + "' AS TEXT)")
			return args
		}
	}
	b.WriteByte('?')
	return append(args, value)
}
