package contract

import (
	"context"
	"database/sql/driver"
	"errors"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/sqltext"
)

// A Batch is statements that are run by one call of database/sql, so that they reach
// the driver by a pool, a connection or a transaction alike: [BatchText] with a *Batch as
// its only argument. The call returns the error of the batch as a whole.
type Batch struct {
	Calls []Call
	Mode  BatchMode
	// MaxBytes and MaxStatements bound a request to a server.
	MaxBytes, MaxStatements int

	// Taken: a connection of this driver has taken it over, and what follows is set.
	Taken bool
	// Answers has one for each call.
	Answers []Answer
	// Failed is the call whose statement failed first, or -1.
	Failed int
	// Err is the error of the batch, or nil if all is applied.
	Err error
}

// BatchText is the text that a batch goes with. To SQLite it is a comment.
const BatchText = "-- a batch of package db"

// ErrForeign is the error of a batch that comes to another driver.
var ErrForeign = errors.New("a batch runs on what db.Open has opened (or sql.OpenDB with db.NewConnector); this is a database of another driver")

// Value implements [driver.Valuer], which other drivers ask.
func (b *Batch) Value() (driver.Value, error) { return nil, ErrForeign }

// MaxRequestStatements is the highest limit for the statements of a request.
const MaxRequestStatements = engine.MaxSteps

// A BatchMode says how a batch is run.
type BatchMode int

const (
	// BatchWrite: all or nothing.
	BatchWrite BatchMode = iota
	// BatchRead: a snapshot that can't be written to.
	BatchRead
	// BatchIndependent: each by itself.
	BatchIndependent
)

// A Call is one statement with its arguments.
type Call struct {
	Text string
	Args []driver.NamedValue // as CheckNamedValue leaves them
	Rows bool                // it is a query
}

// An Answer is what became of a call. One that has neither of these wasn't applied.
type Answer struct {
	// Done: it is applied, and the answer is there.
	Done  bool
	reply engine.Reply
	shape *shape // of the rows
	// Err is the call's own error.
	Err error
}

// batch runs a batch.
func (c *conn) batch(ctx context.Context, b *Batch) error {
	b.Taken, b.Failed = true, -1
	b.Answers = make([]Answer, len(b.Calls))
	err := ctx.Err()
	if err == nil {
		err = c.allow(sqltext.Read) // unless the transaction is over
	}
	var steps []engine.Step
	if err == nil {
		steps, err = c.steps(b)
	}
	if err == nil {
		err = c.runSteps(ctx, b, steps)
	}
	if b.Failed >= 0 {
		b.Answers[b.Failed].Err = c.own(ctx, b.Answers[b.Failed].Err)
	}
	b.Err = c.ended(ctx, err)
	return b.Err
}

// own returns a call's error in the form that every engine's have.
func (c *conn) own(ctx context.Context, err error) error {
	if bare := ctx.Err(); bare != nil && errors.Is(err, bare) && !unknown(err) {
		return bare
	}
	return c.translate(err)
}

var errInBatch = errors.New("BEGIN, COMMIT, ROLLBACK and savepoints aren't run in a batch, which is a transaction itself")

// steps reads the texts and binds the arguments. What is wrong with those is known before
// anything is sent, on every engine.
func (c *conn) steps(b *Batch) ([]engine.Step, error) {
	steps := make([]engine.Step, len(b.Calls))
	known := make(map[string]*sqltext.Statement)
	var values []driver.Value
	for i := range b.Calls {
		call := &b.Calls[i]
		statement, err := c.statement(call.Text, known)
		if err == nil && (controlsTx(statement.Kind) || statement.Kind == sqltext.Savepoint) {
			err = errInBatch
		}
		start := len(values)
		if err == nil {
			values, err = bind(values, statement.Params, call.Args)
		}
		if err != nil {
			b.fail(i, err)
			return nil, err
		}
		steps[i] = engine.Step{Statement: statement, Args: values[start:len(values):len(values)], Rows: call.Rows}
	}
	return steps, nil
}

// statement returns the text's only statement.
func (c *conn) statement(text string, known map[string]*sqltext.Statement) (*sqltext.Statement, error) {
	if found := known[text]; found != nil {
		return found, nil
	}
	var found *sqltext.Statement
	if compiled := c.cache.byText[text]; compiled != nil {
		found = compiled.statement
	} else {
		statements, err := parse(text)
		if err == nil {
			found, err = only(statements)
		}
		if err != nil {
			return nil, err
		}
	}
	known[text] = found
	return found, nil
}

func (b *Batch) fail(i int, err error) {
	b.Failed = i
	b.Answers[i].Err = err
}

func (c *conn) runSteps(ctx context.Context, b *Batch, steps []engine.Step) error {
	inTx := c.tx != txNone || c.engine.InTx()
	switch {
	case b.Mode == BatchIndependent && inTx:
		return errors.New("independent calls commit by themselves, which isn't possible in a transaction; run the batch on the pool, or without that option")
	case b.Mode == BatchIndependent:
		return c.independent(ctx, b, steps)
	case b.Mode == BatchRead && inTx:
		if err := b.refuseWrites(steps); err != nil {
			return err
		}
		return c.inside(ctx, b, steps)
	case inTx:
		return c.inside(ctx, b, steps)
	default:
		return c.whole(ctx, b, steps)
	}
}

// refuseWrites is for a read batch inside of a transaction that may write. One of its own
// refuses them itself.
func (b *Batch) refuseWrites(steps []engine.Step) error {
	for i := range steps {
		if steps[i].Statement.Kind != sqltext.Read {
			err := engine.WriteRefused()
			b.fail(i, err)
			return err
		}
	}
	return nil
}

// whole runs a batch as a transaction of its own.
func (c *conn) whole(ctx context.Context, b *Batch, steps []engine.Step) error {
	mode := engine.Write
	if b.Mode == BatchRead {
		mode = engine.Read
	}
	return b.evenLarge(func(large bool) error {
		if err := c.engine.Begin(ctx, mode); err != nil {
			return err
		}
		err := b.take(c.send(ctx, b, steps, engine.Whole, large))
		if err != nil {
			c.rollBack()
		}
		return err
	})
}

// evenLarge runs a batch, and once more if that has found out that the answers are large,
// and has left nothing behind.
func (b *Batch) evenLarge(run func(large bool) error) error {
	err := run(false)
	if errors.Is(err, engine.ErrLarge) && !unknown(err) {
		err = run(true)
	}
	return err
}

// inside runs a batch as a part of the transaction that is open: all or nothing as well,
// by a savepoint.
func (c *conn) inside(ctx context.Context, b *Batch, steps []engine.Step) error {
	if err := c.beginNow(ctx); err != nil {
		return err
	}
	marked := false
	for i := range steps {
		marked = marked || steps[i].Statement.Kind != sqltext.Read
	}
	if !marked {
		return b.evenLarge(func(large bool) error { return b.take(c.send(ctx, b, steps, engine.Nested, large)) })
	}
	all := make([]engine.Step, 0, len(steps)+2)
	all = append(all, engine.Step{Statement: &mark[0]})
	all = append(append(all, steps...), engine.Step{Statement: &release[0]})
	return b.evenLarge(func(large bool) error { return c.marked(ctx, b, all, large) })
}

// marked runs steps of which the first sets a savepoint and the last releases it.
func (c *conn) marked(ctx context.Context, b *Batch, all []engine.Step, large bool) error {
	n := len(b.Calls)
	replies, err := c.send(ctx, b, all, engine.Nested, large)
	for _, around := range []int{0, n + 1} {
		if err == nil {
			err = replies[around].Err
		}
	}
	if err = b.take(replies[1:n+1], err); err != nil && ctx.Err() == nil && c.engine.InTx() {
		if _, undone := c.engine.ExecAll(ctx, undo); undone != nil && c.engine.InTx() {
			c.abandonTx() // a part of the batch is in it
			err = errors.Join(err, undone)
		}
	}
	return err
}

// take takes the replies of steps that are applied together or not at all.
func (b *Batch) take(replies []engine.Reply, err error) error {
	for i := range replies {
		if replies[i].Err != nil && b.Failed < 0 {
			b.fail(i, replies[i].Err)
			err = replies[i].Err
		}
	}
	if err != nil {
		return err
	}
	for i := range replies {
		b.Answers[i] = Answer{Done: true, reply: replies[i]}
	}
	b.fit()
	return nil
}

// fit finds out the shapes of rows. Calls of one query have the same.
func (b *Batch) fit() {
	var last *shape
	for i := range b.Answers {
		answer := &b.Answers[i]
		if !answer.Done || !b.Calls[i].Rows {
			continue
		}
		columns := answer.reply.Rows.Columns()
		if last == nil || !last.fits(columns) {
			last = new(shape)
			last.fit(columns)
		}
		answer.shape = last
	}
}

// independent runs each call by itself. The error is the first of them.
func (c *conn) independent(ctx context.Context, b *Batch, steps []engine.Step) error {
	replies, err := c.send(ctx, b, steps, engine.Independent, false)
	if errors.Is(err, engine.ErrLarge) && !unknown(err) {
		replies, err = c.send(ctx, b, steps, engine.Independent, true)
	}
	for i := range replies {
		b.Answers[i] = Answer{Done: replies[i].Done, reply: replies[i], Err: replies[i].Err}
		if replies[i].Err == nil {
			continue
		}
		if b.Failed < 0 {
			b.Failed = i
			err = replies[i].Err
			continue // which batch translates
		}
		b.Answers[i].Err = c.own(ctx, replies[i].Err)
	}
	b.fit()
	return err
}
