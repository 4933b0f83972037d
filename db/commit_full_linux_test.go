package db_test

import (
	"context"
	"errors"
	"fmt"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/duolite/duolite/db"
)

func init() {
	orders["commit"] = commitWithoutSpace
}

// commitWithoutSpace lets a COMMIT fail, of which SQLite then rolls the transaction back, and
// uses the connection again. The limit is that of the process.
func commitWithoutSpace(ctx context.Context, path string) error {
	signal.Ignore(syscall.SIGXFSZ)
	pool, err := db.Open(ctx, path, db.WithMaxOpenConns(1))
	if err != nil {
		return err
	}
	defer pool.Close()
	if _, err := pool.ExecContext(ctx, "CREATE TABLE t (x)"); err != nil {
		return err
	}
	tx, err := pool.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, "INSERT INTO t VALUES (zeroblob(1000000))"); err != nil {
		return err
	}
	var before syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
		return err
	}
	small := before
	small.Cur = 100_000
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &small); err != nil {
		return err
	}
	commitErr := tx.Commit()
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
		return err
	}
	if commitErr == nil {
		return errors.New("the COMMIT succeeds")
	}
	var n int
	if err := pool.QueryRowContext(ctx, "SELECT count(*) FROM t").Scan(&n); err != nil || n != 0 {
		return fmt.Errorf("afterwards there are %d rows, error %v", n, err)
	}
	_, err = pool.ExecContext(ctx, "INSERT INTO t VALUES (1)")
	return err
}

// TestCommitWithoutSpace wants the connection to be of use after it.
func TestCommitWithoutSpace(t *testing.T) {
	t.Parallel()
	answers := order(t, startChildren(t, 1), "commit", filepath.Join(t.TempDir(), "app.db"))
	check(t, "answers", answers, []string{"ok"})
}
