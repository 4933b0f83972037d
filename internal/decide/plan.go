package decide

import (
	"database/sql/driver"
	"slices"
	"strings"

	"github.com/duolite/duolite/internal/sqltext"
)

// Mark is the comment that asks for variants: -- db:dynamic, or /* db:dynamic */. It is in the
// statement or before it.
const Mark = "db:dynamic"

const (
	// maxText limits the length of a text that is parsed, in bytes.
	maxText = 64 << 10
	// maxConstants limits the decided conditions of a statement. A key has two bits for each.
	maxConstants = 32
	// maxVariants limits the variants of a plan. If there are more, it begins anew.
	maxVariants = 64
)

// IsMarked reports whether a statement has the comment [Mark].
func IsMarked(statement *sqltext.Statement) bool { return HasComment(statement, Mark) }

// HasComment reports whether a statement has a comment of one word.
func HasComment(statement *sqltext.Statement, word string) bool {
	if !strings.Contains(statement.Text, word) {
		return false
	}
	for t := range sqltext.Tokens(statement.Text) {
		if IsComment(t, word) {
			return true
		}
	}
	return false
}

// IsComment reports whether a token is a comment of one word.
func IsComment(t sqltext.Token, word string) bool {
	return t.Kind == sqltext.Comment && strings.TrimSpace(strings.TrimSuffix(t.Text[2:], "*/")) == word
}

// A Plan has the conditions of a statement that its arguments decide. It isn't safe for concurrent use.
type Plan struct {
	statement *sqltext.Statement
	tokens    []token
	constants []*constant
	edits     []edit
	variants  map[key]*Variant
}

// A key has the outcome of each constant, two bits each.
type key uint64

// A Variant is a statement with the rows of another one for the same arguments.
type Variant struct {
	Statement *sqltext.Statement
	// Outcomes lists the decided conditions for a message: "?1 IS NULL: false, ?2 IS NULL: true".
	Outcomes string
	from     []int // the index of the argument of each parameter, from 0
}

// New returns the plan of a statement, or nil if its arguments decide nothing.
func New(statement *sqltext.Statement) *Plan {
	if statement.Kind != sqltext.Read && statement.Kind != sqltext.Change || len(statement.Params) == 0 || len(statement.Text) > maxText {
		return nil
	}
	tokens, ok := tokensOf(statement.Text)
	if !ok || !setIndexes(statement, tokens) || isMixed(tokens) {
		return nil
	}
	p := &parser{text: statement.Text, tokens: tokens}
	if p.isLeftAlone() {
		return nil
	}
	first := 0
	for first < len(tokens) && (tokens[first].word == "explain" || tokens[first].word == "query" || tokens[first].word == "plan") {
		first++
	}
	edits := p.query(first, len(tokens))
	if p.failed || len(p.constants) == 0 || len(p.constants) > maxConstants {
		return nil
	}
	return &Plan{statement: statement, tokens: tokens, constants: p.constants, edits: edits, variants: map[key]*Variant{}}
}

// setIndexes sets the index of each parameter. It returns false if SQLite refuses an index, such as ?0.
func setIndexes(statement *sqltext.Statement, tokens []token) bool {
	i := 0
	for t, index := range statement.Parameters() {
		if index < 1 || index > len(statement.Params) {
			return false
		}
		for tokens[i].Offset != t.Offset {
			i++
		}
		tokens[i].index = index - 1
	}
	return true
}

// isMixed reports whether a statement has parameters with a name and others. A server gets numbers for
// them (see [sqltext.Statement.Numbered]), which are in the names of columns without AS. A variant may have
// other numbers, or parameters of one kind alone.
func isMixed(tokens []token) bool {
	kinds := map[bool]bool{}
	for i := range tokens {
		if tokens[i].Kind == sqltext.Parameter {
			kinds[tokens[i].Text[0] == '?'] = true
		}
	}
	return len(kinds) == 2
}

// isLeftAlone reports whether a statement has INTO or INDEXED BY. The first is an INSERT, also after
// EXPLAIN. INDEXED BY is an error if no condition uses the index, and a variant may have no such condition.
func (p *parser) isLeftAlone() bool {
	for k := range p.tokens {
		if p.tokens[k].word == "into" || p.tokens[k].word == "by" && p.wordBefore(k, 0) == "indexed" {
			return true
		}
	}
	return false
}

// Variant returns the variant for arguments, or nil if the statement itself has to run. args has a
// value for each parameter: nil, int64, float64, string or []byte.
func (p *Plan) Variant(args []driver.Value) *Variant {
	var k key
	for i, c := range p.constants {
		k |= key(c.decide(args)) << (2 * i)
	}
	if k == 0 {
		return nil
	}
	v, known := p.variants[k]
	if !known {
		v = p.render(k)
		if len(p.variants) >= maxVariants {
			clear(p.variants)
		}
		p.variants[k] = v
	}
	return v
}

// render makes a variant. It returns nil if there is none.
func (p *Plan) render(k key) *Variant {
	r := make(renderer, len(p.constants))
	var outcomes []string
	for i, c := range p.constants {
		r[i] = outcome(k >> (2 * i) & 3)
		if told := c.text + ": " + r[i].String(); !slices.Contains(outcomes, told) {
			outcomes = append(outcomes, told)
		}
	}
	var text strings.Builder
	var kept []int // the indexes of the parameters
	next := 0
	for _, piece := range r.stretch(0, len(p.statement.Text), p.edits) {
		text.WriteString(piece.added)
		text.WriteString(p.statement.Text[piece.start:piece.end])
		for ; next < len(p.tokens) && p.tokens[next].Offset < piece.end; next++ {
			if t := &p.tokens[next]; t.Kind == sqltext.Parameter && t.Offset >= piece.start {
				kept = append(kept, t.index)
			}
		}
	}
	statements := sqltext.Split(text.String())
	if len(statements) != 1 || statements[0].Kind != p.statement.Kind || text.String() == p.statement.Text {
		return nil
	}
	v := &Variant{Statement: &statements[0], Outcomes: strings.Join(outcomes, ", ")}
	if !v.setFrom(kept) {
		return nil
	}
	return v
}

// setFrom sets the source of each argument. kept are the arguments of the parameters, in the order
// of the text. It returns false if two parameters that had an index each have one index now.
func (v *Variant) setFrom(kept []int) bool {
	v.from = slices.Repeat([]int{-1}, len(v.Statement.Params))
	for _, index := range v.Statement.Parameters() {
		if len(kept) == 0 || index > len(v.from) {
			return false
		}
		if from := &v.from[index-1]; *from < 0 {
			*from = kept[0]
		} else if *from != kept[0] {
			return false
		}
		kept = kept[1:]
	}
	return len(kept) == 0
}

// Args appends the arguments of the variant to dst. args are the arguments of the statement. An
// unused number gets NULL.
func (v *Variant) Args(dst, args []driver.Value) []driver.Value {
	for _, from := range v.from {
		if from < 0 {
			dst = append(dst, nil)
			continue
		}
		dst = append(dst, args[from])
	}
	return dst
}
