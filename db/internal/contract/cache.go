package contract

import (
	"container/list"
	"context"
	"errors"
	"strings"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/sqltext"
)

const (
	// cacheSize is how many statements a connection keeps ready. A program has some
	// dozens; generated code, one for each query.
	cacheSize = 128
	// longestCached keeps out texts that nobody builds twice, such as a thousand rows
	// of VALUES.
	longestCached = 16 << 10
)

// compiled is a statement that is ready to run.
type compiled struct {
	text      string
	statement *sqltext.Statement
	stmt      engine.Stmt
	shape     *shape        // of the last rows, or nil
	place     *list.Element // in the cache; nil for one that isn't kept
	busy      bool
	spoilt    bool // not to be kept
}

// cache keeps the statements that were used last, so that a text that is run again
// isn't compiled again. The zero value is ready.
type cache struct {
	byText map[string]*compiled
	recent list.List // of *compiled, the latest first
}

// take returns the statement of the text, or nil. One that is running is not there: a
// query whose rows are open can be asked again meanwhile.
func (c *cache) take(text string) *compiled {
	found := c.byText[text]
	if found == nil || found.busy {
		return nil
	}
	found.busy = true
	c.recent.MoveToFront(found.place)
	return found
}

// add keeps a statement, which is taken, unless there is one of its text.
func (c *cache) add(s *compiled) {
	s.busy = true
	if _, exists := c.byText[s.text]; exists || len(s.text) > longestCached {
		return
	}
	if c.byText == nil {
		c.byText = make(map[string]*compiled, cacheSize)
	}
	c.byText[s.text] = s
	s.place = c.recent.PushFront(s)
	for place := c.recent.Back(); c.recent.Len() > cacheSize && place != nil; {
		oldest := place.Value.(*compiled)
		place = place.Prev()
		if !oldest.busy {
			c.drop(oldest)
			oldest.stmt.Close()
		}
	}
}

// giveBack ends the use of a statement.
func (c *cache) giveBack(s *compiled) {
	s.busy = false
	if s.place != nil && s.spoilt {
		c.drop(s)
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

// parse returns the statements of a text. SQLite would take a NUL byte for the text's end.
func parse(text string) ([]sqltext.Statement, error) {
	if strings.IndexByte(text, 0) >= 0 {
		return nil, errors.New("the SQL text has a NUL byte; pass values as arguments")
	}
	return sqltext.Split(text), nil
}

// only returns the statement of a text that is to have one.
func only(statements []sqltext.Statement) (*sqltext.Statement, error) {
	switch len(statements) {
	case 0:
		return nil, errors.New("the text holds no statement")
	case 1:
		return &statements[0], nil
	default:
		return nil, errors.New("the text holds several statements; run one at a time, or all of them by Exec without arguments")
	}
}

// parseOne returns the only statement of a text, or nil if there is none.
func parseOne(text string) (*sqltext.Statement, error) {
	statements, err := parse(text)
	if err != nil || len(statements) == 0 {
		return nil, err
	}
	return only(statements)
}

// compile makes a statement ready to run, and keeps it for the next time. A PRAGMA isn't
// kept: some do nothing when they run, after they were carried out while compiled.
func (c *conn) compile(ctx context.Context, text string, statement *sqltext.Statement) (*compiled, error) {
	stmt, err := c.engine.Prepare(ctx, statement)
	if err != nil {
		return nil, err
	}
	made := &compiled{text: text, statement: statement, stmt: stmt}
	if !isPragma(statement.Kind) {
		c.cache.add(made)
	}
	return made, nil
}

func isPragma(kind sqltext.Kind) bool {
	return kind == sqltext.Pragma || kind == sqltext.Outside
}
