package trial

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbcheck/internal/source"
	"github.com/duolite/duolite/internal/sqltext"
)

// openSchema opens a database in memory that has the schema, and only the rows that
// the schema inserts.
func (d *Databases) openSchema() (*sql.DB, error) {
	if d.Server == nil {
		return d.openWhole(d.ctx)
	}
	return d.openPart()
}

// openPart leaves out the statements that only a server may know, such as an index of vectors. On
// the server all of them have to succeed.
func (d *Databases) openPart() (*sql.DB, error) {
	_, scripts, err := source.ReadSchema(d.Schema)
	if err != nil {
		return nil, err
	}
	pool, err := d.open(d.ctx)
	if err != nil {
		return nil, err
	}
	d.serverOnly = nil
	for _, script := range scripts {
		for _, stmt := range sqltext.Split(script) {
			if _, err := pool.ExecContext(d.ctx, stmt.Text); err != nil {
				d.serverOnly = append(d.serverOnly, stmt.Text)
			}
		}
	}
	return pool, nil
}

// openWhole fails for each statement of the schema that SQLite doesn't take.
func (in Input) openWhole(ctx context.Context) (*sql.DB, error) {
	names, scripts, err := source.ReadSchema(in.Schema)
	if err != nil {
		return nil, err
	}
	pool, err := in.open(ctx)
	if err != nil {
		return nil, err
	}
	for i, script := range scripts {
		if err := runScript(ctx, pool, script); err != nil {
			pool.Close()
			if hasLibSQL(script) {
				return nil, fmt.Errorf("schema %s: %w; SQL that only a libSQL server compiles needs one: duolite gen --server URL, or the option dbcheck.Server", names[i], err)
			}
			if IsUnknownName(err) {
				return nil, fmt.Errorf("schema %s: %w; if it is the program's own, %s", names[i], err, WantOpenWith)
			}
			return nil, fmt.Errorf("schema %s: %w", names[i], err)
		}
	}
	return pool, nil
}

// runScript runs a script of the schema: its definitions, or else the whole of it, as definitions can need an
// ATTACH, for which a transaction is no place.
func runScript(ctx context.Context, pool *sql.DB, script string) error {
	err := runDefinitions(ctx, pool, script)
	if err != nil {
		if _, whole := pool.ExecContext(ctx, script); whole == nil {
			return nil
		}
	}
	return err
}

// runDefinitions runs a script in one transaction. Only its definitions have to succeed, as sqlc reads nothing
// else: an INSERT may need rows that only the program's own database has. The script's own transactions and
// PRAGMAs make no difference without rows.
func runDefinitions(ctx context.Context, pool *sql.DB, script string) error {
	tx, err := pool.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	for _, stmt := range sqltext.Split(script) {
		switch stmt.Kind {
		case sqltext.Other:
			if _, err := tx.ExecContext(ctx, stmt.Text); err != nil && !isStandIn(ctx, tx, stmt.Text) {
				return err
			}
		case sqltext.Insert, sqltext.Change:
			_, _ = tx.ExecContext(ctx, stmt.Text)
		}
	}
	return tx.Commit()
}

// isStandIn reports whether a statement only tells sqlc which columns there are: of a table of SQLite
// itself, such as sqlite_master, or of a virtual table.
func isStandIn(ctx context.Context, from querier, text string) bool {
	virtual, err := readRows(ctx, from, "SELECT name FROM pragma_table_list WHERE type = 'virtual'")
	if err != nil {
		return false
	}
	return slices.ContainsFunc(source.Parts(text), func(p source.Part) bool {
		return strings.HasPrefix(strings.ToLower(p.Unquoted()), "sqlite_") ||
			slices.ContainsFunc(virtual.Rows, func(row []any) bool { return p.Names(row[0].(string)) })
	})
}

// hasLibSQL reports whether a script has SQL that only a libSQL server compiles.
func hasLibSQL(script string) bool {
	return slices.ContainsFunc(sqltext.Split(script), func(stmt sqltext.Statement) bool {
		return (&source.Query{Parts: source.Parts(stmt.Text)}).IsLibSQL()
	})
}

// WantOpenWith says how the check learns of the program's functions.
const WantOpenWith = "have the check open its databases as the program does, by duolite gen --open-with or the option dbcheck.OpenWith"

// IsUnknownName reports whether err is about a function, a collation or a virtual table that SQLite doesn't have.
func IsUnknownName(err error) bool {
	e, ok := errors.AsType[*db.Error](err)
	return ok && unknownName.MatchString(e.Message)
}

var unknownName = regexp.MustCompile(`^no such (function|collation sequence|module): `)
