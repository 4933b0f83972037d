package copying

import (
	"context"
	"database/sql"
	"time"
)

// Schema has the tables of a ledger. Each transaction of it is [Entry].
const Schema = `
CREATE TABLE ledger (id INTEGER PRIMARY KEY, mark INTEGER NOT NULL, rest BLOB NOT NULL);
CREATE TABLE total (n INTEGER NOT NULL, marks INTEGER NOT NULL);
INSERT INTO total VALUES (0, 0);
CREATE TRIGGER added AFTER INSERT ON ledger BEGIN UPDATE total SET n = n + 1, marks = marks + new.mark; END`

// Entry adds an entry to a ledger.
const Entry = "INSERT INTO ledger (mark, rest) VALUES (abs(random()) % 1000000000, randomblob(20000))"

// A State is the state of a ledger.
type State struct {
	Rows  int `json:"rows"`
	Marks int `json:"marks"`
	// Total and TotalMarks are the same numbers, from the other table.
	Total      int `json:"total"`
	TotalMarks int `json:"total_marks"`
	// Integrity is the result of SQLite's integrity_check.
	Integrity string `json:"integrity"`
}

// ReadState reads the state by one statement, and checks the integrity.
func ReadState(ctx context.Context, pool *sql.DB) (*State, error) {
	s := &State{}
	err := pool.QueryRowContext(ctx, "SELECT count(*), coalesce(sum(mark), 0), (SELECT n FROM total), (SELECT marks FROM total) FROM ledger").
		Scan(&s.Rows, &s.Marks, &s.Total, &s.TotalMarks)
	if err != nil {
		return nil, err
	}
	return s, pool.QueryRowContext(ctx, "PRAGMA integrity_check").Scan(&s.Integrity)
}

// check brings the copy to the server's state, and reads it.
func (r *runner) check(ctx context.Context) (f Figures, err error) {
	c, err := r.open(ctx, r.url, r.path)
	if err != nil {
		return f, err
	}
	defer c.Close()
	if err := c.Sync(ctx); err != nil {
		return f, err
	}
	f.State, err = ReadState(ctx, c.Pool)
	return f, err
}

// offline reads the copy as it is.
func (r *runner) offline(ctx context.Context) (f Figures, err error) {
	c, err := r.open(ctx, r.url, r.path)
	if err != nil {
		return f, err
	}
	defer c.Close()
	f.State, err = ReadState(ctx, c.Pool)
	return f, err
}

// follow keeps the copy at the server's state for some time, in hundredths of a second. An error doesn't
// end it.
func (r *runner) follow(ctx context.Context) (f Figures, err error) {
	c, err := r.open(ctx, r.url, r.path)
	if err != nil {
		return f, err
	}
	defer c.Close()
	for end := time.Now().Add(time.Duration(r.times) * 10 * time.Millisecond); time.Now().Before(end); time.Sleep(time.Millisecond) {
		_ = c.Sync(ctx) // the state is checked afterwards
	}
	return f, nil
}
