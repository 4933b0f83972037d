package trial

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/duolite/duolite/db/dbcheck/internal/call"
	"github.com/duolite/duolite/db/internal/contract"
	"github.com/duolite/duolite/internal/decide"
	"github.com/duolite/duolite/internal/sqltext"
)

const (
	// dynamicDraws is how often the arguments of a dynamic method are drawn.
	dynamicDraws = 400
	// maxVariants is the maximum of variants that are tried.
	maxVariants = 64
	// comparisons is how often a variant's answer is compared with the answer of the statement.
	comparisons = 4
)

// A Dynamic is a dynamic method that was tried.
type Dynamic struct {
	Binding *call.Binding
	// Plan is the plan of the statement as it is written, one line a step.
	Plan     []string
	Variants []Variant
	// NeverNull are the conditions that ask whether an argument is NULL, and whose argument never was.
	NeverNull []NeverNull
}

// A NeverNull is such a condition.
type NeverNull struct {
	Condition string
	Arg       int // of the method
}

// A Variant is a variant of a dynamic statement.
type Variant struct {
	Outcomes string // "author IS NULL: false", for each decided condition
	Plan     []string
	// Different describes how its answer differs from the answer of the statement, or is "".
	Different string
	compared  int
}

// statementOf returns the method's statement, or an empty one if its text has several.
func statementOf(b *call.Binding) *sqltext.Statement {
	if statements := sqltext.Split(b.Flow.Text); len(statements) == 1 {
		return &statements[0]
	}
	return &sqltext.Statement{}
}

// IsDynamic reports whether the method's statement has the comment db:dynamic.
func IsDynamic(b *call.Binding) bool { return decide.IsMarked(statementOf(b)) }

// Inserts reports whether the method's statement is an INSERT, which is never decided.
func Inserts(b *call.Binding) bool { return statementOf(b).Kind == sqltext.Insert }

// Decides reports whether the arguments of the method's statement decide something.
func Decides(b *call.Binding) bool { return decide.New(statementOf(b)) != nil }

// TryDynamic calls a dynamic method with many arguments. It compares the answer of each variant with the answer
// of the statement as it is written, and their plans. The arguments must decide something.
func (d *Databases) TryDynamic(b *call.Binding) (*Dynamic, error) {
	uses := decide.New(statementOf(b)).Uses()
	t := &dynamicTrial{
		Databases: d, drawer: d.newDrawer(b, d.states[fullState], 4, 1), literals: map[int][]any{},
		found: &Dynamic{Binding: b, Plan: d.PlanOf(b)}, byOutcomes: map[string]int{}, wasNull: map[int]bool{},
	}
	for _, use := range uses {
		if use.Index < len(b.Flow.Origins) {
			arg := b.Flow.Origins[use.Index].Arg
			t.literals[arg] = append(t.literals[arg], use.With...)
		}
	}
	for range dynamicDraws {
		sent, err := b.Method.Record(d.Tap, t.values(b.Method))
		if err != nil {
			return nil, err
		}
		if err := t.try(sent); err != nil {
			return nil, err
		}
		if len(t.found.Variants) >= maxVariants {
			break
		}
	}
	for _, use := range uses {
		if use.Index >= len(b.Flow.Origins) || !slices.Contains(use.With, nil) || t.wasNull[use.Index] {
			continue
		}
		t.wasNull[use.Index] = true // each argument once
		t.found.NeverNull = append(t.found.NeverNull, NeverNull{withNames(use.Condition, b), b.Flow.Origins[use.Index].Arg})
	}
	return t.found, nil
}

type dynamicTrial struct {
	*Databases
	*drawer
	found      *Dynamic
	byOutcomes map[string]int // the index of a variant
	literals   map[int][]any  // with which an argument of the method is compared
	wasNull    map[int]bool   // the parameters that were NULL
}

// values draws arguments, also literals with which the statement compares them.
func (t *dynamicTrial) values(m *call.Method) []call.Given {
	values := t.drawer.values(m)
	for i, l := range m.Args {
		candidates := t.literals[i]
		if len(candidates) == 0 || t.rand.IntN(3) == 0 {
			continue
		}
		literal := candidates[t.rand.IntN(len(candidates))]
		if literal == nil || !accepts(l.Type, literal) {
			continue
		}
		if v, err := t.tap.ScanInto(l.Type, literal); err == nil {
			values[i] = call.Given{v}
		}
	}
	return values
}

// try runs a statement as it is written, and its variant.
func (t *dynamicTrial) try(sent call.Statement) error {
	statement := &sqltext.Split(sent.Text)[0]
	for i, arg := range sent.Args {
		if stored, err := contract.Storable(arg); err == nil && stored == nil {
			t.wasNull[i] = true
		}
	}
	plan := decide.New(statement)
	if plan == nil {
		return nil
	}
	v, err := contract.VariantOf(plan, statement, sent.Args)
	if err != nil || v == nil {
		return nil // an error is about arguments that can't be stored
	}
	i, known := t.byOutcomes[v.Outcomes]
	if !known {
		i = len(t.found.Variants)
		t.byOutcomes[v.Outcomes] = i
		t.found.Variants = append(t.found.Variants, Variant{Outcomes: withNames(v.Outcomes, t.found.Binding), Plan: t.planOf(sent)})
	}
	variant := &t.found.Variants[i]
	if variant.compared >= comparisons || variant.Different != "" {
		return nil
	}
	want, err := t.state.effectOf(t.ctx, asWritten(sent))
	if err != nil {
		return t.ctx.Err() // the arguments aren't right for the query
	}
	variant.compared++
	got, err := t.state.effectOf(t.ctx, sent)
	// With LIMIT, other rows may be chosen.
	sameCount := t.found.Binding.Query.Contains("limit") && len(got.rows) == len(want.rows) && got.changed == want.changed
	switch {
	case err != nil:
		variant.Different = fmt.Sprintf("it fails: %v", err)
	case !want.equals(got) && !sameCount:
		variant.Different = fmt.Sprintf("%d rows instead of %d, or other values", len(got.rows), len(want.rows))
	}
	return t.ctx.Err()
}

// withNames replaces the numbers of parameters by the names of the method's arguments.
func withNames(outcomes string, b *call.Binding) string {
	var text strings.Builder
	for t := range sqltext.Tokens(outcomes) {
		if number, err := strconv.Atoi(strings.TrimPrefix(t.Text, "?")); err == nil && t.Kind == sqltext.Parameter && number <= len(b.Flow.Origins) {
			if name := b.PlaceOf(b.Flow.Origins[number-1].Arg).Name; name != "" {
				text.WriteString(name)
				continue
			}
		}
		text.WriteString(t.Text)
	}
	return text.String()
}

// PlanOf returns the query plan of a method's statement, one line a step. A dynamic statement is planned as
// it is written.
func (d *Databases) PlanOf(b *call.Binding) []string {
	sent, err := b.Method.Record(d.Tap, drawSingle(d.newDrawer(b, d.states[fullState], 5, 1), b))
	if err != nil {
		return nil
	}
	return d.planOf(asWritten(sent))
}

// asWritten returns a statement that has no variants.
func asWritten(sent call.Statement) call.Statement {
	return call.Statement{Text: strings.ReplaceAll(sent.Text, decide.Mark, "db:static"), Args: sent.Args}
}

// planOf returns the query plan of a statement, or nil if SQLite has none.
func (d *Databases) planOf(sent call.Statement) (lines []string) {
	a, err := readRows(d.ctx, d.states[fullState].pool, "EXPLAIN QUERY PLAN "+sent.Text, sent.Args...)
	if err != nil {
		return nil
	}
	for _, row := range a.Rows {
		if detail, ok := row[len(row)-1].(string); ok {
			lines = append(lines, detail)
		}
	}
	return lines
}
