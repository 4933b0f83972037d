package trial

import (
	"strings"

	"github.com/duolite/duolite/db/dbcheck/internal/source"
	"github.com/duolite/duolite/db/dbcheck/internal/value"
)

// usage returns the classes of columns that functions of queries and schema read:
// a text that strftime reads is a time, and a text that json_extract reads is JSON. Other
// texts would prove nothing there.
func (d *Databases) usage() map[string]value.Class {
	found := map[string]value.Class{}
	for _, q := range d.Queries {
		readUsage(q.Parts, found)
	}
	if a, err := readRows(d.ctx, d.pool, "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL"); err == nil {
		for _, row := range a.Rows {
			readUsage(source.Parts(row[0].(string)), found)
		}
	}
	return found
}

func readUsage(parts []source.Part, found map[string]value.Class) {
	var functions []string // whose parentheses are open
	for i, p := range parts {
		switch {
		case p.Text == "(" && i > 0:
			functions = append(functions, strings.ToLower(parts[i-1].Text))
			continue
		case p.Text == "(":
			functions = append(functions, "")
			continue
		case p.Text == ")" && len(functions) > 0:
			functions = functions[:len(functions)-1]
		}
		name := strings.ToLower(source.ColumnName(parts, i))
		if name == "" {
			continue
		}
		if i+2 < len(parts) && parts[i+1].Text == "-" && parts[i+2].Text == ">" {
			found[name] = value.JSON
		}
		if len(functions) == 0 {
			continue
		}
		switch f := functions[len(functions)-1]; {
		case strings.HasPrefix(f, "json") && f != "json_array" && f != "json_object" && !strings.HasPrefix(f, "json_group"):
			found[name] = value.JSON
		case f == "date", f == "time", f == "datetime", f == "strftime", f == "julianday", f == "unixepoch", f == "timediff":
			found[name] = value.Time
		}
	}
}
