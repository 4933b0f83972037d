package contract

import (
	"container/list"
	"context"
	"errors"
	"strings"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/internal/decide"
	"github.com/duolite/duolite/internal/sqltext"
)

const (
	// cacheSize is the number of statements that a connection caches. A typical program has
	// some dozens; generated code has one for each query.
	cacheSize = 128
	// longestCached excludes longer texts, such as VALUES with a thousand rows. They are
	// hardly ever repeated.
	longestCached = 16 << 10
)

// compiled is a compiled statement.
type compiled struct {
	text      string
	statement *sqltext.Statement
	stmt      engine.Stmt
	plan      *decide.Plan    // of a dynamic statement that isn't a variant, or nil
	variant   *decide.Variant // or nil
	shape     *shape          // of the latest rows, or nil
	home      *cache
	place     *list.Element // in home, or nil if it isn't cached
	busy      bool
	invalid   bool // remove it from the cache after use
}

// cache is a least-recently-used cache of compiled statements. The zero value is ready to use.
type cache struct {
	byText map[string]*compiled
	recent list.List // of *compiled, the most recent first
}

// take returns the compiled statement of a text, or nil. A running statement isn't returned:
// the same query may run again while its rows are open.
func (c *cache) take(text string) *compiled {
	found := c.byText[text]
	if found == nil || found.busy {
		return nil
	}
	found.busy = true
	c.recent.MoveToFront(found.place)
	return found
}

// add adds a statement that is in use, unless the cache has one with its text.
func (c *cache) add(s *compiled) {
	s.busy = true
	if _, exists := c.byText[s.text]; exists || len(s.text) > longestCached {
		return
	}
	if c.byText == nil {
		c.byText = make(map[string]*compiled, cacheSize)
	}
	c.byText[s.text] = s
	s.home, s.place = c, c.recent.PushFront(s)
	for place := c.recent.Back(); c.recent.Len() > cacheSize && place != nil; {
		oldest := place.Value.(*compiled)
		place = place.Prev()
		if !oldest.busy {
			c.drop(oldest)
			oldest.stmt.Close()
		}
	}
}

// release ends the use of a statement.
func (s *compiled) release() {
	s.busy = false
	if s.place != nil && s.invalid {
		s.home.drop(s)
	}
	if s.place == nil {
		s.stmt.Close()
	}
}

func (c *cache) drop(s *compiled) {
	delete(c.byText, s.text)
	c.recent.Remove(s.place)
	s.place = nil
}

func (c *cache) clear() {
	for _, s := range c.byText {
		s.stmt.Close()
	}
	*c = cache{}
}

// parse returns the statements of a text. SQLite would end the text at a NUL byte.
func parse(text string) ([]sqltext.Statement, error) {
	if strings.IndexByte(text, 0) >= 0 {
		return nil, errors.New("the SQL text has a NUL byte; pass values as arguments")
	}
	return sqltext.Split(text), nil
}

// only returns the statement of a text that must have exactly one.
func only(statements []sqltext.Statement) (*sqltext.Statement, error) {
	switch len(statements) {
	case 0:
		return nil, errors.New("the text has no statement")
	case 1:
		return &statements[0], nil
	default:
		return nil, errors.New("the text has several statements; run one at a time, or all of them by Exec without arguments")
	}
}

// parseOne returns the only statement of a text, or nil if it has none.
func parseOne(text string) (*sqltext.Statement, error) {
	statements, err := parse(text)
	if err != nil || len(statements) == 0 {
		return nil, err
	}
	return only(statements)
}

// compile compiles a statement and caches it. It doesn't cache a PRAGMA: SQLite carries out
// some PRAGMAs when it compiles them, so that running the compiled statement again has no
// effect.
func (c *conn) compile(ctx context.Context, text string, statement *sqltext.Statement) (*compiled, error) {
	stmt, err := c.engine.Prepare(ctx, statement)
	if err != nil {
		return nil, err
	}
	c.counts.Compiled++
	made := &compiled{text: text, statement: statement, stmt: stmt, plan: c.planOf(statement)}
	if !isPragma(statement.Kind) {
		c.cache.add(made)
	}
	return made, nil
}

func isPragma(kind sqltext.Kind) bool {
	return kind == sqltext.Pragma || kind == sqltext.Outside
}
