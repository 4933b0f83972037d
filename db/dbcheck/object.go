package dbcheck

import (
	"context"
	"database/sql"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbcheck/internal/source"
	"github.com/duolite/duolite/db/internal/sqltext"
)

// An object is a table, index, view or trigger of the schema, as SQLite keeps it.
type object struct{ kind, name, on, text string }

// readObjects returns all that a statement made.
func readObjects(ctx context.Context, from querier) ([]object, error) {
	rows, err := readRows(ctx, from, "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid")
	if err != nil {
		return nil, err
	}
	var objects []object
	for _, row := range rows.rows {
		objects = append(objects, object{row[0].(string), row[1].(string), row[2].(string), row[3].(string)})
	}
	return objects, nil
}

// schemaFindings reports what is wrong in the schema: names in double quotes that name
// nothing, in the conditions of CHECKs and indexes, in views and in triggers, and what isn't
// the same on a file and on a server.
func (c *checker) schemaFindings() ([]Finding, error) {
	objects, err := readObjects(c.ctx, c.pool)
	if err != nil {
		return nil, err
	}
	empty, err := db.Open(c.ctx, ":memory:", db.WithDoubleQuotedStrings())
	if err != nil {
		return nil, err
	}
	defer empty.Close()
	var findings []Finding
	for _, o := range objects {
		if strings.HasPrefix(o.text, "CREATE VIRTUAL") {
			continue // what is in its brackets is its module's
		}
		q := c.asQuery(o)
		texts := quotedTexts(o.text, func(variant string) bool {
			pool := c.pool
			if o.kind == "table" {
				pool = empty
			}
			return o.compiles(c.ctx, pool, objects, variant)
		})
		found := homes(q, c.isColumnOf)
		for _, text := range texts {
			found = append(found, findingAt(q, q.LineAt(strings.Index(o.text, text)), RuleCompile, asText(text)+quotedInstead,
				"%s names no column in the %s %s: package db and a server refuse it, and other drivers may take it for a text", text, o.kind, o.name))
		}
		for _, f := range allowed(q, found) {
			f.Schema, f.Query = true, ""
			findings = append(findings, f)
		}
	}
	return findings, nil
}

// asQuery returns the object as if it were a query, with the place where it is made.
func (c *checker) asQuery(o object) *source.Query {
	q := &source.Query{Name: o.name, Text: o.text, Parts: source.Parts(o.text)}
	q.File, q.First = c.positionInSchema(o)
	if on := slices.IndexFunc(q.Parts, func(p source.Part) bool { return strings.EqualFold(p.Text, "on") }); o.kind == "index" && on >= 0 {
		q.Parts = q.Parts[on+2:] // behind the table, whose columns look as if it were called
	}
	q.ReadComments()
	return q
}

// compiles reports whether the object can be made with a text, and be used. All is taken
// back.
func (o object) compiles(ctx context.Context, pool *sql.DB, objects []object, text string) bool {
	tx, err := pool.BeginTx(ctx, nil)
	if err != nil {
		return false
	}
	defer tx.Rollback()
	statements := []string{text}
	switch o.kind {
	case "view", "index":
		statements = []string{"DROP " + o.kind + " " + quote(o.name), text}
	case "trigger":
		statements = nil
		for _, other := range objects { // what is wrong in others isn't to be seen
			if other.kind == "trigger" {
				statements = append(statements, "DROP TRIGGER "+quote(other.name))
			}
		}
		statements = append(statements, text)
	}
	for _, statement := range statements {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return false
		}
	}
	switch o.kind {
	case "view":
		return explains(ctx, tx, "SELECT * FROM "+quote(o.name))
	case "trigger":
		fires, err := o.fires(ctx, tx)
		return err == nil && explains(ctx, tx, fires)
	}
	return true
}

// explains reports whether a statement compiles now. (Preparing it again doesn't tell: what
// was compiled before a change of the schema is kept until it runs.)
func explains(ctx context.Context, tx *sql.Tx, text string) bool {
	_, err := readRows(ctx, tx, "EXPLAIN "+text)
	return err == nil
}

// fires returns a statement that a trigger is compiled with.
func (o object) fires(ctx context.Context, tx *sql.Tx) (string, error) {
	rows, err := readRows(ctx, tx, "SELECT name FROM pragma_table_info(?)", o.on)
	if err != nil {
		return "", err
	}
	var names, nulls, same []string
	for _, row := range rows.rows {
		name := quote(row[0].(string))
		names, nulls, same = append(names, name), append(nulls, "NULL"), append(same, name+" = "+name)
	}
	for t := range sqltext.Tokens(o.text) {
		switch strings.ToLower(t.Text) {
		case "insert":
			return "INSERT INTO " + quote(o.on) + " (" + strings.Join(names, ", ") + ") VALUES (" + strings.Join(nulls, ", ") + ")", nil
		case "update":
			return "UPDATE " + quote(o.on) + " SET " + strings.Join(same, ", "), nil
		case "delete":
			return "DELETE FROM " + quote(o.on), nil
		}
	}
	return "", fmt.Errorf("no event in %s", o.name)
}

// created is what SQLite writes itself in front of an object's own text.
var created = regexp.MustCompile(`^CREATE (UNIQUE )?(TABLE|VIEW|INDEX|TRIGGER) `)

// positionInSchema returns where the object begins in the file that makes it, or in the
// last one that names it, if it was altered since.
func (c *checker) positionInSchema(o object) (file string, line int) {
	names, scripts, err := source.ReadSchema(c.schema)
	if err != nil {
		return "", 0
	}
	for _, text := range []string{created.ReplaceAllString(o.text, ""), o.name} {
		for i, script := range slices.Backward(scripts) {
			if at := strings.Index(script, text); at >= 0 {
				return names[i], 1 + strings.Count(script[:at], "\n")
			}
		}
	}
	return names[len(names)-1], 1
}
