package dbcheck

import (
	"cmp"

	"github.com/duolite/duolite/db/dbcheck/internal/source"
	"github.com/duolite/duolite/db/dbcheck/internal/trial"
	"github.com/duolite/duolite/db/dbcheck/internal/value"
)

// overrideJSON returns an override in sqlc.yaml with which the JSON of a column gets a type that reads
// it. sqlc compares declared types with case.
func overrideJSON(tables []*trial.Table, column string) string {
	declared := ""
	for _, t := range tables {
		for _, other := range t.Columns {
			if other.Class == value.JSON && (declared == "" || source.Plain(other.Name) == source.Plain(column)) {
				declared = other.Declared
			}
		}
	}
	return "an override in sqlc.yaml for the type " + cmp.Or(declared, "json") + ": github.com/duolite/duolite/db/dbtype, JSON"
}
