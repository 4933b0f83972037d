package wire

import (
	"bytes"

	"github.com/duolite/duolite/db/internal/engine"
)

const (
	// maxCachedColumns bounds the entries of a column cache.
	maxCachedColumns = 128
	// maxCachedText bounds the JSON text of one entry, in bytes.
	maxCachedText = 8 << 10
)

// A ColumnCache maps the JSON text of a column list to the decoded columns. A statement has the
// same column list each time, so a connection decodes it once. The cached columns are shared and
// must not be changed. A ColumnCache must not be used by several goroutines at once.
type ColumnCache struct {
	byText map[string]*cachedColumns
	// last is the entry that was used last. The next reply often has the same columns, and
	// then the end of their text needs no search.
	last *cachedColumns
}

type cachedColumns struct {
	text    string
	columns []engine.Column
}

// NewColumnCache returns an empty cache.
func NewColumnCache() *ColumnCache {
	return &ColumnCache{make(map[string]*cachedColumns), &cachedColumns{}}
}

// columns reads the columns of a statement, from the cache if it has them.
func (s *scanner) columns() ([]engine.Column, error) {
	cache := s.cache
	if cache == nil {
		return s.newColumns()
	}
	// No JSON array is a proper prefix of another, so a matching prefix is the whole array.
	if n := len(cache.last.text); n > 0 && n <= len(s.data)-s.pos && string(s.data[s.pos:s.pos+n]) == cache.last.text {
		s.pos += n
		return cache.last.columns, nil
	}
	start := *s
	if err := s.skip(); err != nil {
		return nil, err
	}
	text := bytes.TrimLeft(s.data[start.pos:s.pos], " \t\r\n")
	if found, ok := cache.byText[string(text)]; ok {
		cache.last = found
		return found.columns, nil
	}
	*s = start
	columns, err := s.newColumns()
	if err == nil && len(columns) > 0 && len(text) <= maxCachedText {
		cache.add(&cachedColumns{string(text), columns})
	}
	return columns, err
}

// add adds an entry, in place of all others if the cache is full.
func (k *ColumnCache) add(c *cachedColumns) {
	if len(k.byText) >= maxCachedColumns {
		clear(k.byText)
	}
	k.byText[c.text] = c
	k.last = c
}
