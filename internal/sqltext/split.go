package sqltext

import (
	"iter"
	"slices"
	"strings"
)

// Split splits a text into statements, as SQLite does when it compiles them one after the
// other (see https://sqlite.org/c3ref/prepare.html). White space and comments without a
// statement are skipped.
//
// Split accepts every text. If SQLite can't compile a statement, it can't compile Split's form
// of it either, so that nothing runs that SQLite wouldn't run.
//
// Split treats a NUL byte as any other byte. SQLite ends the text at a NUL byte and would run
// the statements before it, so callers must refuse such texts.
func Split(text string) []Statement {
	var statements []Statement
	for _, s := range Statements(text) {
		statements = append(statements, s)
	}
	return statements
}

// Statements returns the statements of [Split], each after its offset in the text.
func Statements(text string) iter.Seq2[int, Statement] {
	return func(yield func(int, Statement) bool) {
		for at := 0; at < len(text); {
			var p parser
			start, length := p.parse(text[at:])
			if start >= 0 && !yield(at+start, p.stmt) {
				return
			}
			at += length
		}
	}
}

// Replace returns the text with the result of by for each statement. The text between them stays.
func Replace(text string, by func(Statement) string) string {
	var b strings.Builder
	end := 0
	for at, s := range Statements(text) {
		b.WriteString(text[end:at] + by(s))
		end = at + len(s.Text)
	}
	b.WriteString(text[end:])
	return b.String()
}

// A parser parses one statement.
type parser struct {
	stmt  Statement
	state state
	// depth is the number of open parentheses.
	depth int
	// last is the previous token.
	last TokenKind
}

// parse parses the first statement of text into p.stmt. It returns the statement's start, which is -1 if
// there is none, and the length of the text up to its semicolon.
func (p *parser) parse(text string) (start, n int) {
	start, end, ok := -1, 0, false
	for n < len(text) {
		kind, length := nextToken(text[n:])
		at := n
		n += length
		if kind == Space {
			continue
		}
		if kind == semicolon && p.endsAtSemicolon() {
			break
		}
		if kind == Comment && isOpen(text[at:n]) {
			continue // a server's parser would refuse it
		}
		if start < 0 {
			start = at
		}
		end = n
		if kind != Comment {
			ok = true
			p.token(kind, text[at:n])
		}
	}
	if !ok {
		return -1, n
	}
	p.stmt.Text = text[start:end]
	return start, n
}

// isOpen reports whether a comment isn't closed. SQLite allows that at the end of the text.
func isOpen(comment string) bool {
	return strings.HasPrefix(comment, "/*") && (len(comment) < len("/**/") || !strings.HasSuffix(comment, "*/"))
}

// token processes the next token of the statement.
func (p *parser) token(kind TokenKind, text string) {
	switch kind {
	case leftParen:
		p.depth++
	case rightParen:
		p.depth--
	case Parameter:
		// The arguments of a virtual table are parsed by its module.
		if p.state != inVirtual {
			p.param(text)
		}
	case star: // count(*) has one column; a product is also taken for a list of columns
		p.stmt.Star = p.stmt.Star || p.last != leftParen
	}
	p.last = kind
	if p.state != done {
		p.state = p.next(kind, text)
	}
}

// maxParams is the default of SQLITE_LIMIT_VARIABLE_NUMBER. SQLite refuses larger indexes.
const maxParams = 32766

// param numbers a parameter as SQLite does, see
// https://sqlite.org/lang_expr.html#varparam and sqlite3ExprAssignVarNumber.
func (p *parser) param(text string) {
	params := p.stmt.Params
	index := len(params) + 1
	switch {
	case text == "?":
		text = ""
	case text[0] == '?':
		index = number(text[1:])
	case slices.Contains(params, text):
		return
	}
	if index < 1 || index > maxParams {
		return
	}
	if params == nil {
		params = make([]string, 0, max(index, 4))
	}
	for len(params) < index {
		params = append(params, "")
	}
	// An index keeps its first name: ?1 if ?01 follows.
	if params[index-1] == "" {
		params[index-1] = text
	}
	p.stmt.Params = params
}

// number returns the value of digits, or a value above maxParams if it is larger.
func number(digits string) int {
	n := 0
	for i := 0; i < len(digits) && n <= maxParams; i++ {
		n = 10*n + int(digits[i]-'0')
	}
	return n
}
