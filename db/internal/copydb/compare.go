package copydb

import (
	"context"
	"crypto/sha256"
	"database/sql/driver"
	"encoding/binary"
	"fmt"
	"hash"
	"math"

	"github.com/duolite/duolite/db/internal/engine"
)

// A content is the number of rows of a table, and a hash of them.
type content struct {
	rows int64
	sum  [sha256.Size]byte
}

// compare fails unless both databases have the same objects and the same rows.
func (j *job) compare(ctx context.Context) error {
	target, err := readSchema(ctx, j.to)
	if err != nil {
		return err
	}
	if o, differs := j.source.differs(target); differs {
		return fmt.Errorf("%w: %v isn't the same in both databases", ErrDiffers, o)
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

func (j *job) compareTable(ctx context.Context, t *table) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var target content
	done := make(chan error, 1)
	go func() {
		var err error
		target, err = contentOf(ctx, j.to, t, &j.cfg, nil)
		done <- err
	}()
	source, err := contentOf(ctx, j.from, t, &j.cfg, func(rows int) {
		j.progress.Compared += int64(rows)
		j.report()
	})
	if err != nil {
		cancel()
	}
	if waited := alive(ctx, j.from, func() error { return <-done }); err == nil {
		err = waited
	}
	switch {
	case err != nil:
		return err
	case source == target:
		return nil
	case source.rows != target.rows:
		return fmt.Errorf("%w: %v has %d rows in the source and %d in the target", ErrDiffers, t, source.rows, target.rows)
	default:
		return fmt.Errorf("%w: the rows of %v aren't the same in both databases", ErrDiffers, t)
	}
}

// contentOf reads a table in the order of its key.
func contentOf(ctx context.Context, c engine.Conn, t *table, cfg *Config, progress func(rows int)) (all content, err error) {
	sum := sha256.New()
	r := newReader(c, t, cfg)
	for {
		part, err := r.next(ctx)
		if err != nil {
			return all, err
		}
		if part.len() == 0 {
			return content{all.rows, [sha256.Size]byte(sum.Sum(nil))}, nil
		}
		for _, value := range part.values {
			addValue(sum, value)
		}
		all.rows += int64(part.len())
		if progress != nil {
			progress(part.len())
		}
	}
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
