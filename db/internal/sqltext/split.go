package sqltext

import (
	"slices"
	"strings"
)

// Split cuts a text into its statements, as SQLite does when it compiles one after the
// other (see https://sqlite.org/c3ref/prepare.html). What has only white space and
// comments between two semicolons is no statement.
//
// It takes every text. Where SQLite can't compile a statement, the one that Split
// makes of it can't be compiled either, so that no more runs than SQLite would run.
//
// A NUL byte is like any other byte to Split, and ends nothing. It ends the text for
// SQLite, which would run what is before it, so a caller has to refuse a text with one.
func Split(text string) []Statement {
	var statements []Statement
	for text != "" {
		var p parser
		n, ok := p.parse(text)
		if ok {
			statements = append(statements, p.stmt)
		}
		text = text[n:]
	}
	return statements
}

// A parser reads one statement.
type parser struct {
	stmt  Statement
	state state
	// depth is how many parentheses are open.
	depth int
	// last is the token before the one that is read.
	last token
}

// parse reads the statement that text begins with into p.stmt, and returns the length
// of it with its semicolon. It reports whether there was one.
func (p *parser) parse(text string) (n int, ok bool) {
	start, end := -1, 0
	for n < len(text) {
		kind, length := nextToken(text[n:])
		at := n
		n += length
		if kind == space {
			continue
		}
		if kind == semicolon && p.endsAtSemicolon() {
			break
		}
		if kind == comment && isOpen(text[at:n]) {
			continue // it would be an error behind a server's own parser
		}
		if start < 0 {
			start = at
		}
		end = n
		if kind != comment {
			ok = true
			p.token(kind, text[at:n])
		}
	}
	if !ok {
		return n, false
	}
	p.stmt.Text = text[start:end]
	return n, true
}

// isOpen reports whether a comment ends only with the text. SQLite allows that.
func isOpen(comment string) bool {
	return strings.HasPrefix(comment, "/*") && (len(comment) < len("/**/") || !strings.HasSuffix(comment, "*/"))
}

// token takes the next token of the statement.
func (p *parser) token(kind token, text string) {
	switch kind {
	case leftParen:
		p.depth++
	case rightParen:
		p.depth--
	case parameter:
		// The arguments of a virtual table are text for its module.
		if p.state != inVirtual {
			p.param(text)
		}
	case star: // count(*) has one column; a product is taken for one that stands for many
		p.stmt.Star = p.stmt.Star || p.last != leftParen
	}
	p.last = kind
	if p.state != done {
		p.state = p.next(kind, text)
	}
}

// maxParams is SQLite's default for SQLITE_LIMIT_VARIABLE_NUMBER, which a statement
// with a larger index doesn't get past.
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
	// An index has the first name that it is given: of ?1 and ?01 the one in front.
	if params[index-1] == "" {
		params[index-1] = text
	}
	p.stmt.Params = params
}

// number returns the number that digits stand for, or one above maxParams if it is.
func number(digits string) int {
	n := 0
	for i := 0; i < len(digits) && n <= maxParams; i++ {
		n = 10*n + int(digits[i]-'0')
	}
	return n
}
