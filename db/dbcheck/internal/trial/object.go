package trial

import (
	"context"
	"database/sql"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/duolite/duolite/db/dbcheck/internal/source"
	"github.com/duolite/duolite/internal/sqltext"
)

// An Object is a table, index, view or trigger of the schema, as SQLite keeps it.
type Object struct {
	Kind, Name, on, Text string
	// Query is the object as if it were a query, with the place where it is made. Objects sets it.
	Query *source.Query
}

// readObjects returns the objects that statements made.
func readObjects(ctx context.Context, from querier) ([]Object, error) {
	rows, err := readRows(ctx, from, "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid")
	if err != nil {
		return nil, err
	}
	var objects []Object
	for _, row := range rows.Rows {
		objects = append(objects, Object{Kind: row[0].(string), Name: row[1].(string), on: row[2].(string), Text: row[3].(string)})
	}
	return objects, nil
}

// Objects returns the objects of the schema, except virtual tables, whose text only their modules read.
func (d *Databases) Objects() (objects []Object) {
	for _, o := range d.objects {
		if !strings.HasPrefix(o.Text, "CREATE VIRTUAL") {
			o.Query = d.asQuery(o)
			objects = append(objects, o)
		}
	}
	return objects
}

func (d *Databases) asQuery(o Object) *source.Query {
	q := &source.Query{Name: o.Name, Text: o.Text, Parts: source.Parts(o.Text)}
	q.File, q.First = d.positionInSchema(o)
	if on := slices.IndexFunc(q.Parts, func(p source.Part) bool { return p.Is("on") }); o.Kind == "index" && on >= 0 {
		q.Parts = q.Parts[on+2:] // behind the table, whose columns look as if it were called
	}
	q.ReadComments()
	return q
}

// created is the beginning that SQLite writes before an object's own text.
var created = regexp.MustCompile(`^CREATE (UNIQUE )?(TABLE|VIEW|INDEX|TRIGGER) `)

// positionInSchema returns where the object begins in the file that makes it, or in the
// last one that names it, if it was altered since.
func (d *Databases) positionInSchema(o Object) (file string, line int) {
	names, scripts, err := source.ReadSchema(d.Schema)
	if err != nil {
		return "", 0
	}
	for _, text := range []string{created.ReplaceAllString(o.Text, ""), o.Name} {
		for i, script := range slices.Backward(scripts) {
			if at := strings.Index(script, text); at >= 0 {
				return names[i], 1 + strings.Count(script[:at], "\n")
			}
		}
	}
	return names[len(names)-1], 1
}

// QuotedTextsOf returns the names in double quotes that name nothing in an object.
func (d *Databases) QuotedTextsOf(o Object) []string {
	pool := d.pool
	if o.Kind == "table" {
		var err error
		if pool, err = d.open(d.ctx); err != nil {
			return nil // which Fill reports
		}
		defer pool.Close()
	}
	return quotedTexts(o.Text, func(variant string) bool { return o.compiles(d.ctx, pool, d.objects, variant) })
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
	if execAll(ctx, tx, statements) != nil {
		return false
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
	for t := range sqltext.CodeTokens(o.Text) {
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

// quotedTexts returns the names in double quotes that name nothing in a statement. With
// [db.WithDoubleQuotedStrings] SQLite takes such a name for a text, so that a
// misspelt column has the same value in all rows. Without it the name is an error.
//
// compiles reports whether a variant of the statement compiles with that option. A name in
// `backticks` is never taken for a text.
func quotedTexts(text string, compiles func(variant string) bool) (texts []string) {
	var quoted []string
	for t := range sqltext.Tokens(text) {
		if t.Kind == sqltext.Quoted && t.Text[0] == '"' && !slices.Contains(quoted, t.Text) {
			quoted = append(quoted, t.Text)
		}
	}
	if len(quoted) == 0 || compiles(inBackticks(text, quoted)) || !compiles(text) {
		return nil // nearly always, or it is wrong otherwise
	}
	for _, name := range quoted {
		if !compiles(inBackticks(text, []string{name})) {
			texts = append(texts, name)
		}
	}
	return texts
}

// inBackticks returns the statement with these names, which have double quotes, in backticks.
func inBackticks(text string, names []string) string {
	var b strings.Builder
	for t := range sqltext.Tokens(text) {
		if t.Kind != sqltext.Quoted || !slices.Contains(names, t.Text) {
			b.WriteString(t.Text)
			continue
		}
		b.WriteString("`" + strings.ReplaceAll(sqltext.Unquote(t.Text), "`", "``") + "`")
	}
	return b.String()
}

// QuotedTexts returns the names in double quotes that name nothing in a statement.
func (d *Databases) QuotedTexts(text string) []string {
	return quotedTexts(text, func(variant string) bool { return d.Compile(variant) == nil })
}
