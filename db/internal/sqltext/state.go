package sqltext

// A state is what the tokens of a statement so far have come to.
type state int

const (
	atStart state = iota
	// done: nothing more is to be learned but parameters.
	done

	afterExplain
	afterCreate
	// inVirtual: in CREATE VIRTUAL TABLE. Its arguments are any tokens, semicolons too.
	inVirtual
	// These three are those of sqlite3_complete, see https://sqlite.org/src/file/src/complete.c:
	// a trigger ends with a semicolon, END and another semicolon.
	inTrigger
	triggerSemicolon
	triggerEnd

	afterWith
	withName // at the name of a common table expression
	withRest // behind the name

	inInsert
	insertDo // behind its DO

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

// next returns the state behind a token, and sets what the token tells of the
// statement.
func (p *parser) next(kind token, text string) state {
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
		// TO is reserved: a transaction can't have it for a name.
		if equal(text, "to") {
			p.stmt.Kind = Savepoint
		}
	case pragmaName, afterPragmaName:
		return p.pragma(kind, text)
	}
	return p.state
}

// verb takes the word that says what the statement does.
func (p *parser) verb(text string) state {
	for i := range verbs {
		if v := &verbs[i]; equal(text, v.word) {
			p.stmt.Kind = v.kind
			return v.next
		}
	}
	return done
}

// verbs has the frequent ones in front.
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

// prefix takes what is between EXPLAIN or CREATE and the word that tells how the
// statement ends.
func (p *parser) prefix(text string) state {
	switch {
	case p.state == afterExplain && equal(text, "create"):
		return afterCreate
	case p.state == afterExplain && equal(text, "pragma"):
		// Some have their effect when they are compiled, as they are to be explained.
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

// trigger takes the tokens of CREATE TRIGGER. The END of a CASE isn't behind a semicolon.
func (p *parser) trigger(kind token, text string) state {
	switch {
	case kind == semicolon:
		return triggerSemicolon
	case p.state == triggerSemicolon && equal(text, "end"):
		return triggerEnd
	}
	return inTrigger
}

// with takes the tokens from WITH to the statement's verb, see
// https://sqlite.org/lang_with.html. A name can be quoted, or a keyword such as
// REPLACE, so that only what is behind it can be the verb.
func (p *parser) with(kind token, text string) state {
	switch {
	case p.state == afterWith && equal(text, "recursive"):
		return withName
	case p.state != withRest:
		return withRest
	case p.depth > 0:
		return withRest
	case kind == comma:
		return withName
	case kind == word:
		switch next := p.verb(text); p.stmt.Kind {
		case Read, Insert, Change:
			return next
		}
		p.stmt.Kind = Other // AS, MATERIALIZED
	}
	return withRest
}

// insert looks for the DO UPDATE of https://sqlite.org/lang_upsert.html. No name can
// be before an UPDATE, so that a DO in front of it is no name.
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

// equal reports whether the text of a token is a word of lower case letters, in any case.
// A token of another kind is never equal to one. Only ASCII has cases in SQLite's keywords.
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
