package trial

import (
	"context"
	"database/sql"
	"math/rand/v2"
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
		pool, err := d.openSchema()
		if err != nil {
			return err
		}
		s := &state{plan: plan, pool: pool}
		d.states = append(d.states, s)
		if err := d.fillState(s, uint64(i)); err != nil {
			return err
		}
	}
	return nil
}

// fillState fills a state as its plan says.
func (d *Databases) fillState(s *state, seed uint64) error {
	f := d.filler
	f.pool, f.rand, f.nulls, f.large, f.used = s.pool, rand.New(rand.NewPCG(1, seed)), s.nulls, s.large, map[columnOf]int{}
	f.fill(d.Tables, s.empty)
	return s.settle(d.ctx, d.Tables)
}

// moreStates makes further states with rows in every table, for methods that have returned no row.
func (d *Databases) moreStates() ([]*state, error) {
	for i := len(d.more); i < maxMore; i++ {
		pool, err := d.openSchema()
		if err != nil {
			return nil, err
		}
		s := &state{plan: plan{says: "rows in every table"}, pool: pool}
		d.more = append(d.more, s)
		if err := d.fillState(s, uint64(100+i)); err != nil {
			return nil, err
		}
	}
	return d.more, nil
}

// settle removes the rows that a deferred constraint would have refused, and reads the others.
func (s *state) settle(ctx context.Context, tables []*Table) error {
	violations, err := readRows(ctx, s.pool, "SELECT DISTINCT \"table\", rowid FROM pragma_foreign_key_check WHERE rowid IS NOT NULL")
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
