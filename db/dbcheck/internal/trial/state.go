package trial

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/duolite/duolite/db/dbcheck/internal/call"
)

// A state is a database with some rows, in which methods are tried.
type state struct {
	plan
	pool *sql.DB
	rows map[string]*call.Answer // of each table that has some
}

// A plan describes the rows of a state.
type plan struct {
	// says describes it in a message, after "seen with": "no rows in posts".
	says  string
	nulls bool // NULL wherever that is allowed
	// large: with integers so large that functions may return NULL for them. The cause of such a NULL is
	// the data, not the query.
	large bool
	empty []string // tables without rows
	each  bool     // other tables have some
	past  bool     // without times of today
}

const (
	// fullState is the state with rows in every table.
	fullState = 1
	// nullState is the state with NULL wherever the schema allows it.
	nullState = 2
	// maxMore is the number of states for methods that have returned no row.
	maxMore = 6
	// maxEmpty is the maximum of states in which some tables are empty.
	maxEmpty = 12
)

func plans(tables []*Table) []plan {
	all := make([]string, len(tables))
	for i, t := range tables {
		all[i] = t.Name
	}
	plans := []plan{
		{says: "no rows at all", empty: all},
		fullState: {says: "rows in every table"},
		nullState: {says: "NULL wherever the schema allows it", nulls: true},
		{says: "integers of more than 53 bits", large: true},
		{says: "integers of more than 53 bits", large: true, nulls: true},
	}
	if len(all) < 2 {
		return plans
	}
	// Each table by itself, or groups of them if there are many.
	groups := make([][]string, min(len(all), maxEmpty))
	for i, name := range all {
		groups[i%len(groups)] = append(groups[i%len(groups)], name)
	}
	for _, group := range groups {
		plans = append(plans, plan{says: "no rows in " + strings.Join(group, ", "), empty: group, each: true})
	}
	return plans
}

// Fill makes the databases with rows.
func (d *Databases) Fill() error {
	d.filler = filler{ctx: d.ctx, custom: d.customValues(), constants: d.constants(), usage: d.usage(), slow: map[string]bool{}}
	for i, plan := range plans(d.Tables) {
		s, err := d.newState(plan, uint64(i))
		if err != nil {
			return err
		}
		d.states = append(d.states, s)
	}
	return nil
}

// newState makes a state with the rows of its plan.
func (d *Databases) newState(p plan, seed uint64) (*state, error) {
	pool, err := d.openSchema()
	if err != nil {
		return nil, err
	}
	s := &state{plan: p, pool: pool}
	f := d.filler
	f.state, f.rand, f.used = s, rand.New(rand.NewPCG(1, seed)), map[columnOf]int{}
	if p.past {
		err = f.fillPast(d)
	} else {
		f.fill(d.Tables)
	}
	if err == nil {
		err = s.settle(d.ctx, d.Tables)
	}
	if err != nil {
		pool.Close()
		return nil, err
	}
	return s, nil
}

// moreStates makes further states with rows in every table, for methods that have returned no row.
func (d *Databases) moreStates() ([]*state, error) {
	for i := len(d.more); i < maxMore; i++ {
		s, err := d.newState(plan{says: "rows in every table"}, uint64(100+i))
		if err != nil {
			return nil, err
		}
		d.more = append(d.more, s)
	}
	return d.more, nil
}

// try calls a function in a transaction, which is rolled back. It ends after runLimit.
func (s *state) try(ctx context.Context, readOnly bool, run func(context.Context, *sql.Tx) error) error {
	ctx, cancel := context.WithTimeout(ctx, runLimit)
	defer cancel()
	tx, err := s.pool.BeginTx(ctx, &sql.TxOptions{ReadOnly: readOnly})
	if err != nil {
		return err
	}
	defer tx.Rollback()
	return run(ctx, tx)
}

// changing runs a statement, and returns its rows and the number of rows that it changes.
func changing(ctx context.Context, tx *sql.Tx, sent call.Statement) (a *call.Answer, changed int64, err error) {
	if a, err = readRows(ctx, tx, sent.Text, sent.Args...); err == nil && !reads(sent.Text) {
		err = tx.QueryRowContext(ctx, "SELECT changes()").Scan(&changed)
	}
	return a, changed, err
}

// An effect is the rows of a statement, sorted, and the number of rows that it changes.
type effect struct {
	rows    []string
	changed int64
}

// effectOf runs a statement, and rolls it back.
func (s *state) effectOf(ctx context.Context, sent call.Statement) (e effect, err error) {
	err = s.try(ctx, reads(sent.Text), func(ctx context.Context, tx *sql.Tx) error {
		a, changed, err := changing(ctx, tx, sent)
		if err != nil {
			return err
		}
		for _, row := range a.Rows {
			e.rows = append(e.rows, fmt.Sprintf("%#v", row))
		}
		slices.Sort(e.rows)
		e.changed = changed
		return nil
	})
	return e, err
}

// equals reports whether two effects are equal. The order of rows doesn't matter: it isn't known whether
// ORDER BY determines it.
func (e effect) equals(other effect) bool {
	return e.changed == other.changed && slices.Equal(e.rows, other.rows)
}

// settle removes the rows that a deferred constraint would have refused, and reads the others.
func (s *state) settle(ctx context.Context, tables []*Table) error {
	violations, err := readRows(ctx, s.pool, `SELECT DISTINCT "table", rowid FROM pragma_foreign_key_check WHERE rowid IS NOT NULL`)
	if err != nil {
		violations = &call.Answer{} // a foreign key that fits no table, so that nothing refers to it
	}
	for _, v := range violations.Rows {
		if _, err := s.pool.ExecContext(ctx, "DELETE FROM "+quote(v[0].(string))+" WHERE rowid = ?", v[1]); err != nil {
			return err
		}
	}
	s.rows = map[string]*call.Answer{}
	for _, t := range tables {
		a, err := readRows(ctx, s.pool, "SELECT * FROM "+quote(t.Name)+" LIMIT 12")
		if err == nil && len(a.Rows) > 0 {
			s.rows[t.Name] = a
		}
	}
	return nil
}
