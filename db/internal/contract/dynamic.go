package contract

import (
	"context"
	"database/sql/driver"
	"slices"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/internal/decide"
	"github.com/duolite/duolite/internal/sqltext"
)

// planOf returns the plan of a statement that is marked as dynamic, or nil. Plans are kept by the
// text, since a batch on a server compiles no statements.
func (c *conn) planOf(statement *sqltext.Statement) *decide.Plan {
	if !decide.IsMarked(statement) {
		return nil
	}
	plan, known := c.plans[statement.Text]
	if known {
		return plan
	}
	if c.plans == nil || len(c.plans) >= cacheSize {
		c.plans = make(map[string]*decide.Plan)
	}
	plan = decide.New(statement)
	c.plans[statement.Text] = plan
	return plan
}

// decided returns the variant of a statement for its arguments, and the variant's arguments. It
// returns the statement itself if it isn't dynamic, if the arguments decide nothing, or if the
// engine doesn't compile the variant. In the latter case the error of the statement counts. The
// arguments of the variant are appended to spare.
func (c *conn) decided(ctx context.Context, s *compiled, args, spare []driver.Value) (*compiled, []driver.Value) {
	if s.plan == nil {
		return s, args
	}
	v := s.plan.Variant(args)
	if v == nil {
		return s, args
	}
	made := c.variants.take(v.Statement.Text)
	if made == nil {
		stmt, err := c.engine.Prepare(ctx, v.Statement)
		if err != nil {
			return s, args
		}
		c.counts.Compiled++
		made = &compiled{text: v.Statement.Text, statement: v.Statement, stmt: stmt}
		c.variants.add(made)
	}
	made.variant = v // other outcomes may have the same text
	s.release()
	return made, v.Args(spare, args)
}

// decideNext is decided for the statement that runs next.
func (c *conn) decideNext(ctx context.Context, s *compiled) *compiled {
	made, args := c.decided(ctx, s, c.args, c.spare[:0])
	if made != s {
		clear(c.args)
		c.args, c.spare = args, c.args
	}
	return made
}

// decideAll replaces the dynamic statements of steps by their variants, for an engine that gets all at
// once.
func (c *conn) decideAll(steps []engine.Step) (decided []engine.Step, variants map[int]*decide.Variant) {
	for i := range steps {
		step := &steps[i]
		plan := c.planOf(step.Statement)
		if plan == nil {
			continue
		}
		v := plan.Variant(step.Args)
		if v == nil {
			continue
		}
		if variants == nil {
			steps, variants = slices.Clone(steps), make(map[int]*decide.Variant)
			step = &steps[i]
		}
		step.Statement, step.Args = v.Statement, v.Args(nil, step.Args)
		variants[i] = v
	}
	return steps, variants
}

// explain adds the decided conditions to an error in the text of a variant, or in the evaluation of its
// conditions. Other errors, such as a failed constraint or a lost server, aren't about the variant. v may
// be nil.
func explain(v *decide.Variant, err error) error {
	e, ok := err.(*engine.Error)
	if v == nil || !ok || e.Code&0xff != engine.CodeError {
		return err
	}
	told := *e
	told.Message += " (dynamic; " + v.Outcomes + ")"
	return &told
}

// VariantOf returns the variant of a statement for arguments by position, or nil. The gate uses it.
func VariantOf(plan *decide.Plan, statement *sqltext.Statement, args []any) (*decide.Variant, error) {
	values, _, err := Args(args)
	if err != nil {
		return nil, err
	}
	call := Call{Args: values}
	if values, err = call.bind(statement.Params); err != nil {
		return nil, err
	}
	return plan.Variant(values), nil
}
