package sqltext

// A state is the state of the parser after the tokens so far.
type state int

const (
	atStart state = iota
	// done: the remaining tokens are only searched for parameters.
	done

	afterExplain
	afterCreate
	// inVirtual: in CREATE VIRTUAL TABLE. Its arguments are any tokens, including semicolons.
	inVirtual
	// The next three states are the states of sqlite3_complete
	// (https://sqlite.org/src/file/src/complete.c): a trigger ends with a semicolon, END and
	// another semicolon.
	inTrigger
	triggerSemicolon
	triggerEnd

	afterWith
	withName // at the name of a common table expression
	withRest // after the name

	inInsert
	insertDo // after its DO

	afterBegin
	inRollback

	pragmaName
	afterPragmaName
)

// endsAtSemicolon reports whether a semicolon ends the statement.
func (p *parser) endsAtSemicolon() bool {
	switch p.state {
	case inTrigger, triggerSemicolon:
		return false
	case inVirtual:
		return p.depth <= 0
	}
	return true
}

// next returns the state after a token, and updates the statement.
func (p *parser) next(kind TokenKind, text string) state {
	switch p.state {
	case atStart:
		return p.verb(text)
	case afterExplain, afterCreate:
		return p.prefix(text)
	case inTrigger, triggerSemicolon, triggerEnd:
		return p.trigger(kind, text)
	case afterWith, withName, withRest:
		return p.with(kind, text)
	case inInsert, insertDo:
		return p.insert(text)
	case afterBegin:
		if equal(text, "immediate") || equal(text, "exclusive") {
			p.stmt.Kind = BeginWrite
		}
		return done
	case inRollback:
		// TO is reserved, so it can't be the name of a transaction.
		if equal(text, "to") {
			p.stmt.Kind = Savepoint
		}
	case pragmaName, afterPragmaName:
		return p.pragma(kind, text)
	}
	return p.state
}

// verb parses the keyword that decides the kind.
func (p *parser) verb(text string) state {
	for i := range verbs {
		if v := &verbs[i]; equal(text, v.word) {
			p.stmt.Kind = v.kind
			return v.next
		}
	}
	return done
}

// verbs lists the most frequent ones first.
var verbs = []struct {
	word string
	kind Kind
	next state
}{
	{"select", Read, done},
	{"insert", Insert, inInsert},
	{"update", Change, done},
	{"delete", Change, done},
	{"replace", Insert, inInsert},
	{"values", Read, done},
	{"with", Other, afterWith},
	{"begin", BeginDeferred, afterBegin},
	{"commit", Commit, done},
	{"end", Commit, done},
	{"rollback", Rollback, inRollback},
	{"savepoint", Savepoint, done},
	{"release", Savepoint, done},
	{"explain", Read, afterExplain},
	{"create", Other, afterCreate},
	{"pragma", Outside, pragmaName},
	{"vacuum", Outside, done},
	{"attach", Outside, done},
	{"detach", Outside, done},
}

// prefix parses the tokens between EXPLAIN or CREATE and the deciding keyword.
func (p *parser) prefix(text string) state {
	switch {
	case p.state == afterExplain && equal(text, "create"):
		return afterCreate
	case p.state == afterExplain && equal(text, "pragma"):
		// SQLite sets some PRAGMAs when it compiles them to explain them.
		p.stmt.Kind = Outside
		return pragmaName
	case p.state == afterExplain && (equal(text, "query") || equal(text, "plan")):
		return afterExplain
	case p.state == afterCreate && (equal(text, "temp") || equal(text, "temporary")):
		return afterCreate
	case p.state == afterCreate && equal(text, "trigger"):
		return inTrigger
	case p.state == afterCreate && equal(text, "virtual"):
		return inVirtual
	}
	return done
}

// trigger parses the tokens of CREATE TRIGGER. The END of a CASE doesn't follow a semicolon.
func (p *parser) trigger(kind TokenKind, text string) state {
	switch {
	case kind == semicolon:
		return triggerSemicolon
	case p.state == triggerSemicolon && equal(text, "end"):
		return triggerEnd
	}
	return inTrigger
}

// with parses the tokens from WITH to the statement's verb, see
// https://sqlite.org/lang_with.html. A name may be quoted, or a keyword such as REPLACE, so
// the verb must come after the name.
func (p *parser) with(kind TokenKind, text string) state {
	switch {
	case p.state == afterWith && equal(text, "recursive"):
		return withName
	case p.state != withRest:
		return withRest
	case p.depth > 0:
		return withRest
	case kind == comma:
		return withName
	case kind == Word:
		switch next := p.verb(text); p.stmt.Kind {
		case Read, Insert, Change:
			return next
		}
		p.stmt.Kind = Other // AS, MATERIALIZED
	}
	return withRest
}

// insert searches for DO UPDATE, see https://sqlite.org/lang_upsert.html. No name can precede
// UPDATE, so a DO before it isn't a name.
func (p *parser) insert(text string) state {
	switch {
	case p.depth > 0:
		return inInsert
	case p.state == insertDo && equal(text, "update"):
		p.stmt.Upsert = true
		return done
	case equal(text, "do"):
		return insertDo
	}
	return inInsert
}

// equal reports whether a token is the word lower, ignoring case. Tokens of other kinds are
// never equal to a word. SQLite ignores case for ASCII letters only.
func equal(text, lower string) bool {
	if len(text) != len(lower) {
		return false
	}
	for i := range len(lower) {
		c := text[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}
