package work

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"

	"github.com/duolite/duolite/bench/dbsqlc"
)

var workloads = map[string]func(context.Context, *runner) (Result, error){
	"point":      point,
	"point-ctx":  withCancel(point),
	"insert":     insert,
	"insert-tx":  insertTx,
	"bulk":       bulk,
	"scan":       scan,
	"join":       join,
	"mixed":      withCancel(mixed),
	"mixed-rate": withCancel(mixed),
	"open":       openAndRead,
	"iterate":    iterate,
	"tx":         transaction,
	"six-reads":  getAll,
	"batch":      batch,
	"concurrent": concurrent,
}

// withCancel gives a workload a context that can be canceled, as every HTTP handler has. Many
// drivers start a goroutine for such a context.
func withCancel(work func(context.Context, *runner) (Result, error)) func(context.Context, *runner) (Result, error) {
	return func(ctx context.Context, r *runner) (Result, error) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		return work(ctx, r)
	}
}

// point reads a bookmark by its id. An operation is one read.
func point(ctx context.Context, r *runner) (Result, error) {
	random := rand.New(rand.NewPCG(1, 2))
	few := 16
	if r.stdin != nil { // for a server, where each read takes long
		few = 1
	}
	return r.repeat(20, few, func(int) error { return r.read(ctx, random) })
}

func (r *runner) read(ctx context.Context, random *rand.Rand) error {
	id := 1 + random.Int64N(int64(r.seeded))
	b, err := r.store.Get(ctx, id)
	if err == nil && (b.ID != id || b.Title == "") {
		err = fmt.Errorf("bookmark %d is not what was asked for: %+v", id, b)
	}
	return err
}

// openAndRead opens the database, reads a bookmark and closes the database. An operation is all of it.
func openAndRead(ctx context.Context, r *runner) (Result, error) {
	random := rand.New(rand.NewPCG(1, 2))
	kept := r.store
	defer func() { r.store = kept }()
	return r.repeat(2, 1, func(int) (err error) {
		if r.store, err = r.open(); err != nil {
			return err
		}
		err = r.read(ctx, random)
		return errors.Join(err, r.store.Close())
	})
}

// getAll reads a few bookmarks with one statement each. An operation is all of them.
func getAll(ctx context.Context, r *runner) (Result, error) {
	random := rand.New(rand.NewPCG(1, 2))
	ids := make([]int64, r.rows)
	return r.repeat(5, 1, func(int) error {
		for i := range ids {
			ids[i] = 1 + random.Int64N(int64(r.seeded))
		}
		found, err := r.store.GetAll(ctx, ids)
		if err != nil {
			return err
		}
		for i, id := range ids {
			if len(found) != len(ids) || found[i].ID != id || found[i].Title == "" {
				return fmt.Errorf("bookmarks %v are not what was asked for: %+v", ids, found)
			}
		}
		return nil
	})
}

// insert adds a bookmark without a transaction. An operation is one row.
func insert(ctx context.Context, r *runner) (Result, error) {
	return r.repeat(5, 1, func(i int) error { return r.store.Add(ctx, Bookmark(int64(i))) })
}

// insertTx adds rows in one transaction with one statement each. An operation is all of them.
func insertTx(ctx context.Context, r *runner) (Result, error) {
	return r.many(func(all []dbsqlc.AddBookmarkParams) error { return r.store.AddAll(ctx, all) })
}

// bulk adds rows in the contestant's way for many rows. An operation is all of them.
func bulk(ctx context.Context, r *runner) (Result, error) {
	return r.many(func(all []dbsqlc.AddBookmarkParams) error { return r.store.Bulk(ctx, all) })
}

// batch adds rows with one call. An operation is all of them.
func batch(ctx context.Context, r *runner) (Result, error) {
	return r.many(func(all []dbsqlc.AddBookmarkParams) error { return r.store.Batch(ctx, all) })
}

// many adds rows, which are created before the measurement.
func (r *runner) many(add func(all []dbsqlc.AddBookmarkParams) error) (Result, error) {
	if err := add(Bookmarks(0, 10)); err != nil {
		return Result{}, err
	}
	const rounds = 64 // more than run within the time
	made := make([][]dbsqlc.AddBookmarkParams, 0, rounds)
	for i := range min(rounds, 1+100_000/r.rows) {
		made = append(made, Bookmarks(10+int64(i*r.rows), r.rows))
	}
	return r.repeat(0, 1, func(i int) error {
		if i >= len(made) {
			return add(Bookmarks(10+int64(i*r.rows), r.rows))
		}
		return add(made[i])
	})
}

// scan reads rows into a slice. An operation is all of them.
func scan(ctx context.Context, r *runner) (Result, error) {
	return r.repeat(1, 1, func(int) error {
		all, err := r.store.List(ctx, int64(r.rows))
		if err == nil && len(all) != r.rows {
			err = fmt.Errorf("%d rows, want %d", len(all), r.rows)
		}
		return err
	})
}

// join reads a page of bookmarks with their tags. An operation is the page.
func join(ctx context.Context, r *runner) (Result, error) {
	random := rand.New(rand.NewPCG(1, 2))
	return r.repeat(5, 4, func(int) error {
		all, err := r.store.Tagged(ctx, 1+random.Int64N(int64(r.seeded-r.rows)), int64(r.rows))
		if err == nil && len(all) != r.rows {
			err = fmt.Errorf("%d rows, want %d", len(all), r.rows)
		}
		return err
	})
}

// iterate iterates over all rows without holding them in memory. An operation is all of them.
func iterate(ctx context.Context, r *runner) (Result, error) {
	return r.repeat(0, 1, func(int) error {
		n, visits := 0, int64(0)
		err := r.store.Each(ctx, func(b *dbsqlc.Bookmark) {
			n++
			visits += b.Visits
		})
		if err == nil && (n != r.seeded || visits == 0) {
			err = fmt.Errorf("%d rows, want %d", n, r.seeded)
		}
		return err
	})
}

// transaction reads, updates and inserts. An operation is a transaction.
func transaction(ctx context.Context, r *runner) (Result, error) {
	return r.repeat(2, 1, func(i int) error {
		return r.store.Visit(ctx, int64(1+i%r.seeded), Bookmark(int64(i)))
	})
}
