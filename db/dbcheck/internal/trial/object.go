package trial

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"github.com/duolite/duolite/db/dbcheck/internal/source"
)

// An Object is a table, index, view or trigger of the schema, as SQLite keeps it.
type Object struct{ Kind, Name, on, Text string }

// readObjects returns the objects that statements made.
func readObjects(ctx context.Context, from querier) ([]Object, error) {
	rows, err := readRows(ctx, from, "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid")
	if err != nil {
		return nil, err
	}
	var objects []Object
	for _, row := range rows.Rows {
		objects = append(objects, Object{row[0].(string), row[1].(string), row[2].(string), row[3].(string)})
	}
	return objects, nil
}

// Objects returns the objects of the schema, except virtual tables, whose text only their modules read.
func (d *Databases) Objects() ([]Object, error) {
	objects, err := readObjects(d.ctx, d.pool)
	return slices.DeleteFunc(objects, func(o Object) bool { return strings.HasPrefix(o.Text, "CREATE VIRTUAL") }), err
}

// AsQuery returns the object as if it were a query, with the place where it is made.
func (d *Databases) AsQuery(o Object) *source.Query {
	q := &source.Query{Name: o.Name, Text: o.Text, Parts: source.Parts(o.Text)}
	q.File, q.First = d.positionInSchema(o)
	if on := slices.IndexFunc(q.Parts, func(p source.Part) bool { return strings.EqualFold(p.Text, "on") }); o.Kind == "index" && on >= 0 {
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
