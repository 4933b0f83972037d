package copydb

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql/driver"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"math"
	"sync"

	"github.com/duolite/duolite/db/internal/engine"
)

// A comparison is the content of a table in the source and in the target.
type comparison struct{ source, target *content }

// A content is the number of rows of a table, and a hash of them, as far as the reader has read.
type content struct {
	reader   *reader
	rows     int64
	sum      hash.Hash
	complete bool
}

func (c *Copy) content(t *table) *content { return &content{reader: c.reader(t), sum: sha256.New()} }

// compare fails unless both databases have the same objects and the same rows.
func (j *job) compare(ctx context.Context) error {
	target, err := readSchema(ctx, j.to)
	if err != nil {
		return err
	}
	if o, differs := j.source.differs(target); differs {
		return fmt.Errorf("%w: %v isn't the same in both databases", ErrDiffers, o)
	}
	if err := j.compareSettings(target); err != nil {
		return err
	}
	for _, t := range j.source.tables {
		if !t.stores() {
			continue
		}
		j.progress.Table = t.name
		if err := j.compareTable(ctx, t); err != nil {
			return err
		}
	}
	if !target.hasSequence {
		return nil // no table has a counter
	}
	return j.compareCounters(ctx)
}

// compareSettings compares the numbers in the header. A server has no application_id.
func (j *job) compareSettings(target *schema) error {
	name, source, copied := "user_version", j.source.userVersion, target.userVersion
	if _, fromServer := j.from.(engine.Limited); source == copied && !j.server && !fromServer {
		name, source, copied = "application_id", j.source.applicationID, target.applicationID
	}
	if source != copied {
		return fmt.Errorf("%w: PRAGMA %s is %d in the source and %d in the target", ErrDiffers, name, source, copied)
	}
	return nil
}

// compareTable reads a table in both databases at the same time.
func (j *job) compareTable(ctx context.Context, t *table) error {
	both := j.comparisons[t.name]
	if both == nil {
		both = &comparison{j.content(t), j.content(t)}
		j.comparisons[t.name] = both
	}
	var reading sync.WaitGroup
	defer reading.Wait() // the connection is used until then, also if the progress function panics
	read, cancel := context.WithCancel(ctx)
	defer cancel()
	before := both.target.rows
	done := make(chan error, 1)
	reading.Go(func() {
		err := both.target.read(read, j.to, j.carefulWith(j.to), func(int) {})
		if err != nil {
			cancel()
		}
		done <- err
	})
	err := both.source.read(read, j.from, j.carefulWith(j.from), func(rows int) {
		j.advanced = true
		j.progress.Compared += int64(rows)
		j.report()
	})
	if err != nil {
		cancel()
	}
	other := alive(ctx, j.from, func() error { return <-done })
	j.advanced = j.advanced || both.target.rows > before
	if err == nil || errors.Is(err, context.Canceled) && ctx.Err() == nil {
		err = other
	}
	if err != nil {
		return err
	}
	return both.result()
}

// result returns an error if a table isn't the same in both databases.
func (c *comparison) result() error {
	t := c.source.reader.table
	switch {
	case c.source.rows != c.target.rows:
		return fmt.Errorf("%w: %v has %d rows in the source and %d in the target", ErrDiffers, t, c.source.rows, c.target.rows)
	case !bytes.Equal(c.source.sum.Sum(nil), c.target.sum.Sum(nil)):
		return fmt.Errorf("%w: the rows of %v aren't the same in both databases", ErrDiffers, t)
	}
	return nil
}

// read reads the rest of a table in the order of its key.
func (c *content) read(ctx context.Context, from engine.Conn, careful bool, progress func(rows int)) error {
	defer c.reader.close()
	for !c.complete {
		part, err := c.reader.next(ctx, from, careful)
		if err != nil {
			return err
		}
		for _, value := range part.values {
			addValue(c.sum, value)
		}
		c.rows += int64(part.len())
		if c.complete = part.len() == 0; !c.complete {
			progress(part.len())
		}
	}
	return nil
}

// addValue adds a value to a hash: its class, its length in 8 bytes, and its bytes. So no two lists of values have the same text.
func addValue(sum hash.Hash, value driver.Value) {
	var head [9]byte
	number := func(class byte, n uint64) {
		head[0] = class
		binary.BigEndian.PutUint64(head[1:], n)
		sum.Write(head[:])
	}
	switch v := value.(type) {
	case int64:
		number('i', uint64(v))
	case float64:
		number('r', math.Float64bits(v))
	case string:
		number('t', uint64(len(v)))
		sum.Write([]byte(v))
	case []byte:
		number('b', uint64(len(v)))
		sum.Write(v)
	default:
		number('n', 0)
	}
}

// compareCounters compares the counters of AUTOINCREMENT.
func (j *job) compareCounters(ctx context.Context) error {
	if !j.source.hasSequence {
		return nil
	}
	read := func(c engine.Conn) (sum [sha256.Size]byte, err error) {
		all := sha256.New()
		err = engine.Query(ctx, c, readCounters, nil, func(row []driver.Value) error {
			addValue(all, row[0])
			addValue(all, row[1])
			return nil
		})
		return [sha256.Size]byte(all.Sum(nil)), err
	}
	source, err := read(j.from)
	if err != nil {
		return err
	}
	target, err := read(j.to)
	if err == nil && source != target {
		err = fmt.Errorf("%w: the counters of AUTOINCREMENT aren't the same in both databases", ErrDiffers)
	}
	return err
}
