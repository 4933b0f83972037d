package db

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"sync"
	"sync/atomic"

	"github.com/duolite/duolite/db/internal/sqlite"
)

// WithRegexp adds the operator REGEXP, by Go's package [regexp]: text REGEXP pattern is 1 if the
// pattern matches a part of the text. Its time is linear in the size of the text, for each pattern.
// A number is matched as the text to which SQLite converts it; with a BLOB or NULL the result is NULL. A pattern that isn't
// valid is an error. Compiled patterns are kept, up to 128 in a pool.
//
// A libSQL server has an operator REGEXP of its own, whose patterns differ.
func WithRegexp() Option {
	return func(c *config) error {
		// A REGEXP B calls regexp(B, A).
		f := sqlite.Function{Name: "regexp", Args: 2, Texts: true, Flags: int32(Deterministic | Innocuous), Call: new(patterns).match}
		return c.addFunction("WithRegexp", f, f.Name, nil)
	}
}

const (
	// maxPatterns is the number of compiled patterns that a pool keeps.
	maxPatterns = 128
	// maxPatternLen is the size in bytes above which only the last pattern is kept.
	maxPatternLen = 1 << 10
)

// patterns are compiled patterns. Most statements have one pattern for all rows, which is found
// without a lock.
type patterns struct {
	last atomic.Pointer[regexp.Regexp]
	mu   sync.Mutex
	all  map[string]*regexp.Regexp
}

// match is the function regexp, with a pattern and a text.
func (p *patterns) match(_ context.Context, args []driver.Value) (driver.Value, error) {
	pattern, ok := args[0].(string)
	text, also := args[1].(string)
	if !ok || !also {
		return nil, nil
	}
	compiled, err := p.compile(pattern)
	if err != nil {
		return nil, err
	}
	if compiled.MatchString(text) {
		return int64(1), nil
	}
	return int64(0), nil
}

func (p *patterns) compile(pattern string) (*regexp.Regexp, error) {
	if last := p.last.Load(); last != nil && last.String() == pattern {
		return last, nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	compiled := p.all[pattern]
	if compiled == nil {
		var err error
		if compiled, err = regexp.Compile(pattern); err != nil {
			return nil, errPattern(err)
		}
		p.keep(pattern, compiled)
	}
	p.last.Store(compiled)
	return compiled, nil
}

func (p *patterns) keep(pattern string, compiled *regexp.Regexp) {
	if len(pattern) > maxPatternLen {
		return
	}
	if p.all == nil || len(p.all) >= maxPatterns {
		p.all = map[string]*regexp.Regexp{}
	}
	p.all[pattern] = compiled
}

// errPattern returns the error of a pattern, without the pattern, which may be an argument.
func errPattern(err error) error {
	if e, ok := errors.AsType[*syntax.Error](err); ok {
		return fmt.Errorf("the pattern isn't valid: %s", e.Code)
	}
	return errors.New("the pattern isn't valid")
}
