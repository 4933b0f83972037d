package trial

import (
	"strings"

	"github.com/duolite/duolite/db/dbcheck/internal/source"
)

// constants returns the constants that the queries compare each column with, such as 'live' in
// status = 'live'. A row that no query looks for proves little. A constant is for the columns of that name
// in the tables that its query names, or in all tables if it names a view.
func (d *Databases) constants() map[columnOf][]any {
	found := map[columnOf][]any{}
	for _, q := range d.Queries {
		for i, p := range q.Parts {
			values := source.ValuesOf(p.Text)
			if len(values) == 0 || p.Kind != source.TokenPart {
				continue
			}
			for _, at := range d.columnsOf(q, comparedColumn(q.Parts, i)) {
				found[at] = append(found[at], values...)
			}
		}
	}
	return found
}

// comparedColumn returns the column that the constant at i is compared with, or "".
func comparedColumn(parts []source.Part, i int) string {
	if name, _ := source.ComparedWith(parts, i); name != "" {
		return name
	}
	open := i - 1
	for open > 0 && (parts[open].Text == "," || len(source.ValuesOf(parts[open].Text)) > 0) {
		open--
	}
	if open > 1 && parts[open].Text == "(" && strings.EqualFold(parts[open-1].Text, "in") {
		return source.ColumnName(parts, source.SkipNot(parts, open-2))
	}
	return ""
}

// columnsOf returns the columns of a name in the tables of a query, with names in lower case.
func (d *Databases) columnsOf(q *source.Query, name string) (columns []columnOf) {
	if name == "" {
		return nil
	}
	var all []columnOf
	for _, t := range d.Tables {
		for _, c := range t.Columns {
			if !strings.EqualFold(c.Name, name) {
				continue
			}
			at := columnOf{strings.ToLower(t.Name), strings.ToLower(c.Name)}
			all = append(all, at)
			if q.Contains(t.Name) {
				columns = append(columns, at)
			}
		}
	}
	if len(columns) == 0 {
		return all
	}
	return columns
}
