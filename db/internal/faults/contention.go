package faults

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/duolite/duolite/db"
)

const (
	accounts = 10
	deposit  = 1000
	// transferRequests is the number of requests of a transfer. A worker with the lock sends
	// all of them in a row, so faults for other workers must be that far ahead.
	transferRequests = 10
)

// transfer moves money between two accounts. It also increments a shared counter by reading it
// and writing it back.
var transfer = workload{name: "transfer", parts: 1, transaction: true}

// A bank is a pool that all workers share. Its proxy applies faults to any worker's request.
type bank struct {
	lane
	opts    Options
	counter int64 // number of the operation whose counter is shared
	mu      sync.Mutex
	traps   []*Trap
}

// Contention runs transfers between accounts and increments of a counter by InTx, while faults
// occur. All workers share one pool. The total of money must not change, and the counter must
// equal the number of applied transfers. Contention needs an engine with package db's errors.
func Contention(tb testing.TB, target Target, engine Engine, opts Options) *Results {
	tb.Helper()
	ctx := context.Background()
	results := &Results{}
	ledger := OpenLedger(tb, target.URL)
	b := &bank{opts: opts.complete(tb, "contention")}
	b.lane = *newLane(tb, "contention", target, ledger, engine, results)
	b.client.pool.SetMaxOpenConns(2 * b.opts.Workers)
	b.client.pool.SetMaxIdleConns(2 * b.opts.Workers)
	b.client.ctx = ctx
	if err := b.setUp(ctx); err != nil {
		tb.Fatalf("faults: contention: %v", err)
	}
	errs := make([]error, b.opts.Workers)
	var workers sync.WaitGroup
	for i := range errs {
		workers.Go(func() {
			b.opts.turns(i, func(turn int, rng *rand.Rand) bool {
				errs[i] = b.turn(ctx, i, turn, rng)
				return errs[i] == nil
			})
		})
	}
	workers.Wait()
	b.proxy.Disarm()
	b.proxy.Release()
	for _, err := range append(errs, b.settle(ctx)) {
		if err != nil {
			tb.Fatalf("faults: contention: %v", err)
		}
	}
	return results
}

// setUp creates the accounts.
func (b *bank) setUp(ctx context.Context) (err error) {
	if b.counter, err = b.ledger.Next(ctx); err != nil {
		return err
	}
	_, err = b.ledger.pool.ExecContext(ctx, "DELETE FROM fault_moves; DELETE FROM fault_accounts; "+
		fmt.Sprintf("INSERT INTO fault_accounts WITH RECURSIVE a (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM a WHERE id < %d) SELECT id, %d FROM a", accounts, deposit))
	return err
}

// turn runs a transfer. Its marks are counted when all transfers have ended.
func (b *bank) turn(ctx context.Context, worker, turn int, rng *rand.Rand) error {
	op, err := b.ledger.Next(ctx)
	if err != nil {
		return err
	}
	from := 1 + rng.IntN(accounts)
	to := 1 + (from+rng.IntN(accounts-1))%accounts
	amount := 1 + rng.IntN(20)
	d := done{op: op, workload: transfer}
	if rng.IntN(3) == 0 {
		d.plan = randomPlan(rng, 2*transferRequests)
	}
	var traps []*Trap
	for _, h := range d.plan {
		traps = append(traps, b.proxy.Arm(h.fault, h.request, ""))
	}
	d.workload.name = fmt.Sprintf("transfer of %s=%d, worker %d, turn %d", SeedVariable, b.opts.Seed, worker, turn)
	d.outcome.err = guard(func() error {
		return db.InTx(ctx, b.client.pool, func(tx *sql.Tx) error { return b.move(ctx, tx, op, from, to, amount) }, b.client.again())
	})
	b.proxy.Release()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.done = append(b.done, d)
	b.traps = append(b.traps, traps...)
	return nil
}

func (b *bank) move(ctx context.Context, tx *sql.Tx, op int64, from, to, amount int) error {
	for _, side := range []struct{ account, amount int }{{from, -amount}, {to, amount}} {
		var balance int
		if err := tx.QueryRowContext(ctx, "SELECT balance FROM fault_accounts WHERE id = ?", side.account).Scan(&balance); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "UPDATE fault_accounts SET balance = ? WHERE id = ?", balance+side.amount, side.account); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "INSERT INTO fault_moves VALUES (?, ?, ?)", op, side.account, side.amount); err != nil {
			return err
		}
	}
	var n int
	if err := tx.QueryRowContext(ctx, "SELECT n FROM fault_counters WHERE op = ?", b.counter).Scan(&n); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, "UPDATE fault_counters SET n = ? WHERE op = ?", n+1, b.counter); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, insertRow, op, 0)
	return err
}

// settle counts the applied transfers after all workers have ended.
func (b *bank) settle(ctx context.Context) error {
	all, applied := b.done, 0
	for _, d := range all {
		var err error
		if d.outcome.counts, err = b.ledger.Count(ctx, d.op, Rows, d.workload.ledgerParts()); err != nil {
			return err
		}
		b.judge(d, 0)
		applied += d.outcome.counts[0]
	}
	b.countFaults()
	return b.balance(ctx, applied)
}

// countFaults counts the faults that hit a request of any worker.
func (b *bank) countFaults() {
	met := 0
	for _, trap := range b.traps {
		if trap.Fired() {
			met++
		}
	}
	for _, promise := range []Promise{Once, Known, Whole} {
		b.results.checked(promise, b.engine.Name, met, 0)
	}
}

// balance checks the total of money and the counter against the applied transfers.
func (b *bank) balance(ctx context.Context, applied int) error {
	var money, wrong, moved, counted int
	err := b.ledger.pool.QueryRowContext(ctx, `SELECT
		(SELECT sum(balance) FROM fault_accounts),
		(SELECT count(*) FROM fault_accounts WHERE balance <> ?1 + coalesce((SELECT sum(amount) FROM fault_moves WHERE account = id), 0)),
		(SELECT count(*) FROM fault_moves),
		(SELECT n FROM fault_counters WHERE op = ?2)`, deposit, b.counter).Scan(&money, &wrong, &moved, &counted)
	if err != nil {
		return err
	}
	if money != accounts*deposit || wrong > 0 || moved != 2*applied || counted != applied {
		b.results.violate(Whole, b.engine.Name, fmt.Sprintf("%s=%d: %d in all accounts, want %d; %d accounts are wrong; %d moves and a counter of %d, by %d transfers",
			SeedVariable, b.opts.Seed, money, accounts*deposit, wrong, moved, counted, applied))
	}
	return nil
}
