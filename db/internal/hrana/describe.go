package hrana

import (
	"context"
	"sync"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/hrana/wire"
)

const (
	// maxDescribed bounds the entries of a describeCache.
	maxDescribed = 512
	// maxDescribedText bounds the text of one entry, in bytes.
	maxDescribedText = 8 << 10
)

// describe asks the server to compile a statement, and returns whether the statement only reads.
func (c *conn) describe(ctx context.Context, text string) (readOnly bool, err error) {
	if readOnly, known := c.db.described.get(text); known {
		return readOnly, nil
	}
	if c.state.gone() {
		return false, engine.TxLost()
	}
	if err := c.freeStream(ctx); err != nil {
		return false, err
	}
	bound := c.state.bound()
	rep, err := c.call(ctx, &wire.Request{Describe: text}, risk{bound: bound, repeat: !bound})
	if err != nil {
		return false, err
	}
	first := rep.Results[0]
	if first.Err != nil {
		return false, convert(first.Err, c.key)
	}
	if !bound { // a transaction may roll back the schema that the answer depends on
		c.db.described.put(text, first.ReadOnly)
	}
	return first.ReadOnly, nil
}

// A describeCache maps the text of a statement that compiles to whether it only reads. The zero
// value is empty. It is safe for concurrent use.
type describeCache struct {
	mu       sync.Mutex
	readOnly map[string]bool
}

func (d *describeCache) get(text string) (readOnly, known bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	readOnly, known = d.readOnly[text]
	return readOnly, known
}

// put adds an entry, in place of all others if the cache is full.
func (d *describeCache) put(text string, readOnly bool) {
	if len(text) > maxDescribedText {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.readOnly == nil {
		d.readOnly = make(map[string]bool)
	}
	if len(d.readOnly) >= maxDescribed {
		clear(d.readOnly)
	}
	d.readOnly[text] = readOnly
}
