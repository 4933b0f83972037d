package trial

import (
	"strings"

	"github.com/duolite/duolite/db/dbcheck/internal/source"
)

// constants returns the constants that the queries compare each column with, such as 'live' in
// status = 'live'. A row that no query looks for proves little.
func (d *Databases) constants() map[string][]any {
	found := map[string][]any{}
	for _, q := range d.Queries {
		for i, p := range q.Parts {
			values := source.ValuesOf(p.Text)
			if len(values) == 0 || p.Kind != source.TokenPart {
				continue
			}
			name, _ := source.ComparedWith(q.Parts, i)
			if name == "" && i > 2 && q.Parts[i-1].Text == "(" && strings.EqualFold(q.Parts[i-2].Text, "in") {
				name = source.ColumnName(q.Parts, i-3)
			}
			if name != "" {
				key := strings.ToLower(name)
				found[key] = append(found[key], values...)
			}
		}
	}
	return found
}
