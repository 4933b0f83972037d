package trial

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/duolite/duolite/internal/sqltext"
)

// QuotedTextsOf returns the names in double quotes that name nothing in an object.
func (d *Databases) QuotedTextsOf(o Object) ([]string, error) {
	objects, err := readObjects(d.ctx, d.pool)
	if err != nil {
		return nil, err
	}
	pool := d.pool
	if o.Kind == "table" {
		if pool, err = d.open(d.ctx); err != nil {
			return nil, err
		}
		defer pool.Close()
	}
	return quotedTexts(o.Text, func(variant string) bool { return o.compiles(d.ctx, pool, objects, variant) }), nil
}

// compiles reports whether the object can be made with a text, and be used. All changes are
// rolled back.
func (o Object) compiles(ctx context.Context, pool *sql.DB, objects []Object, text string) bool {
	tx, err := pool.BeginTx(ctx, nil)
	if err != nil {
		return false
	}
	defer tx.Rollback()
	statements := []string{text}
	switch o.Kind {
	case "view", "index":
		statements = []string{"DROP " + o.Kind + " " + quote(o.Name), text}
	case "trigger":
		statements = nil
		for _, other := range objects { // mistakes in other triggers must not show
			if other.Kind == "trigger" {
				statements = append(statements, "DROP TRIGGER "+quote(other.Name))
			}
		}
		statements = append(statements, text)
	}
	for _, statement := range statements {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return false
		}
	}
	switch o.Kind {
	case "view":
		return explains(ctx, tx, "SELECT * FROM "+quote(o.Name))
	case "trigger":
		fires, err := o.fires(ctx, tx)
		return err == nil && explains(ctx, tx, fires)
	}
	return true
}

// explains reports whether a statement compiles now. (Preparing it isn't enough: a statement that
// was compiled before a change of the schema is kept until it runs.)
func explains(ctx context.Context, tx *sql.Tx, text string) bool {
	_, err := readRows(ctx, tx, "EXPLAIN "+text)
	return err == nil
}

// fires returns a statement with which a trigger is compiled.
func (o Object) fires(ctx context.Context, tx *sql.Tx) (string, error) {
	rows, err := readRows(ctx, tx, "SELECT name FROM pragma_table_info(?)", o.on)
	if err != nil {
		return "", err
	}
	var names, nulls, same []string
	for _, row := range rows.Rows {
		name := quote(row[0].(string))
		names, nulls, same = append(names, name), append(nulls, "NULL"), append(same, name+" = "+name)
	}
	for t := range sqltext.Tokens(o.Text) {
		switch strings.ToLower(t.Text) {
		case "insert":
			return "INSERT INTO " + quote(o.on) + " (" + strings.Join(names, ", ") + ") VALUES (" + strings.Join(nulls, ", ") + ")", nil
		case "update":
			return "UPDATE " + quote(o.on) + " SET " + strings.Join(same, ", "), nil
		case "delete":
			return "DELETE FROM " + quote(o.on), nil
		}
	}
	return "", fmt.Errorf("no event in %s", o.Name)
}
