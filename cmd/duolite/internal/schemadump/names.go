package schemadump

import (
	"fmt"
	"slices"
	"strings"

	"github.com/duolite/duolite/internal/sqltext"
	"github.com/jinzhu/inflection"
)

// setNames gives tables, views and columns their names in queries and in Go. Each is unique.
func (s *Schema) setNames() {
	s.renames = map[string]string{}
	ones, manys, structs := map[string]bool{"New": true, "Querier": true, "Queries": true}, map[string]bool{}, map[string]bool{}
	all := slices.Concat(s.tables, s.views)
	for _, t := range all {
		t.setSQLNames(s.textOf(t))
	}
	// A name that is its own singular comes first: in another order both album and albums could only have another name together.
	isPlural := func(t *table) bool { return singular(sqlcName(t.sql)) != sqlcName(t.sql) }
	ordered := append(slices.DeleteFunc(slices.Clone(all), isPlural), slices.DeleteFunc(all, func(t *table) bool { return !isPlural(t) })...)
	for _, t := range ordered {
		key := singular(sqlcName(t.sql))
		t.one = singular(snake(t.Name))
		if structs[key] { // album beside albums: sqlc would give both the same struct
			key, t.one = sqlcName(t.sql), snake(t.Name)
			s.exact = append(s.exact, key)
		}
		structs[key] = true
		t.one = unused(ones, t.one)
		t.many = unused(manys, inflection.Plural(t.one))
		s.rename(key, exported(t.one))
		s.nameColumns(t)
	}
}

func (s *Schema) nameColumns(t *table) {
	args, fields := map[string]bool{}, map[string]bool{}
	for _, c := range t.columns {
		c.arg = snake(c.Name)
		if slices.Contains(takenInGo, c.arg) {
			c.arg += "_value"
		}
		c.arg = unused(args, c.arg)
		s.rename(sqlcName(c.sql), exported(unused(fields, snake(c.Name))))
	}
}

// textOf returns the statement that makes the table or the view in the migration.
func (s *Schema) textOf(t *table) string {
	i := slices.IndexFunc(s.Objects, func(o Object) bool { return o.Table == o.Name && o.Name == t.Name })
	return forSQLC(s.Objects[i].SQL)
}

// setSQLNames sets the names in queries. A keyword has quotes there if it has quotes in the text that makes the table, as sqlc
// compares the two.
func (t *table) setSQLNames(text string) {
	quoted := map[string]bool{}
	for token := range sqltext.CodeTokens(text) {
		if token.Kind == sqltext.Quoted {
			quoted[sqltext.Unquote(token.Text)] = true
		}
	}
	sqlName := func(name string) string {
		if plain.MatchString(name) && !quoted[name] {
			return name
		}
		return quoteName(name)
	}
	t.sql = sqlName(t.Name)
	for _, c := range t.columns {
		c.sql = sqlName(c.Name)
	}
}

// takenInGo are the names of variables and functions in sqlc's methods: a parameter can't have them.
var takenInGo = strings.Fields("append ctx err i items len nil result row rows string int64 float64 bool byte time db query json dbtype strings")

// rename notes a name in Go that differs from the name that sqlc would make.
func (s *Schema) rename(name, want string) {
	if _, ok := s.renames[name]; !ok && sqlcGoName(name) != want {
		s.renames[name] = want
	}
}

// unused returns name, or name with a number, and marks its name in Go as used: id_2 and i_d2 are both ID2.
func unused(used map[string]bool, name string) string {
	free := name
	for n := 2; used[exported(free)]; n++ {
		free = fmt.Sprintf("%s_%d", name, n)
	}
	used[exported(free)] = true
	return free
}
