package trial

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/duolite/duolite/db/dbtype"
)

// pastState makes a database with rows in every table, and no time of today. A column that has
// one later got it from a query or a trigger.
func (d *Databases) pastState() (*state, error) {
	pool, err := d.openSchema()
	if err != nil {
		return nil, err
	}
	s := &state{pool: pool}
	if err := s.fillPast(d); err != nil {
		pool.Close()
		return nil, err
	}
	return s, nil
}

func (s *state) fillPast(d *Databases) error {
	triggers, err := readRows(d.ctx, s.pool, "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' ORDER BY rowid")
	if err != nil {
		return err
	}
	for _, row := range triggers.Rows {
		if _, err := s.pool.ExecContext(d.ctx, "DROP TRIGGER "+quote(row[0].(string))); err != nil {
			return err
		}
	}
	f := d.filler
	f.pool, f.rand, f.used = s.pool, rand.New(rand.NewPCG(1, fullState)), map[columnOf]int{}
	f.fill(d.Tables, nil)
	for _, t := range d.Tables {
		for _, column := range t.Columns {
			if column.fallback && !t.virtual {
				s.toPast(d.ctx, t.Name, column.Name)
			}
		}
	}
	for _, row := range triggers.Rows {
		if _, err := s.pool.ExecContext(d.ctx, row[1].(string)); err != nil {
			return err
		}
	}
	return s.settle(d.ctx, d.Tables)
}

// toPast replaces the times that the column's DEFAULT gave it. A time that the schema doesn't
// let change stays.
func (s *state) toPast(ctx context.Context, table, column string) {
	rows, err := readRows(ctx, s.pool, "SELECT DISTINCT "+quote(column)+" || '' FROM "+quote(table))
	if err != nil {
		return
	}
	for i, row := range rows.Rows {
		stored, _ := row[0].(string)
		at, isTime := dbtype.ParseTime(stored)
		layout, known := layoutOf(stored)
		if isTime && known && time.Since(at).Abs() < 48*time.Hour {
			past := time.Date(2026, 1, 2, 3, 4, i, 0, time.UTC).Format(layout)
			_, _ = s.pool.ExecContext(ctx, "UPDATE "+quote(table)+" SET "+quote(column)+" = ? WHERE "+quote(column)+" = ?", past, stored)
		}
	}
}
