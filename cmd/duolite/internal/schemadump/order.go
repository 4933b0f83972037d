package schemadump

import (
	"slices"
	"strings"

	"github.com/duolite/duolite/internal/sqltext"
)

// inOrder sorts the objects: see [Schema.Objects].
func inOrder(all []Object, tables []*table) []Object {
	var sorted []Object
	for _, name := range byForeignKeys(tables) {
		for _, o := range all {
			if strings.EqualFold(o.Table, name) && (o.Type == "table" || o.Type == "index") {
				sorted = append(sorted, o)
			}
		}
	}
	ofKind := func(is func(Object) bool) (some []Object) {
		for _, o := range all {
			if is(o) {
				some = append(some, o)
			}
		}
		return some
	}
	sorted = append(sorted, ofKind(func(o Object) bool { return o.form == "virtual" })...)
	sorted = append(sorted, byMention(ofKind(func(o Object) bool { return o.Type == "view" }))...)
	return append(sorted, ofKind(func(o Object) bool { return o.Type == "trigger" })...)
}

// byMention returns views, each after the views that its text mentions. SQLite takes any order, and sqlc doesn't. After ALTER TABLE or
// VACUUM the order in the database is another one than the order in which they were made.
func byMention(views []Object) (sorted []Object) {
	visited := map[string]bool{}
	var visit func(o Object)
	visit = func(o Object) {
		if visited[o.Name] {
			return
		}
		visited[o.Name] = true
		for token := range sqltext.CodeTokens(o.SQL) {
			name := sqltext.Unquote(token.Text)
			if i := slices.IndexFunc(views, func(o Object) bool { return strings.EqualFold(o.Name, name) }); i >= 0 {
				visit(views[i])
			}
		}
		sorted = append(sorted, o)
	}
	for _, o := range views {
		visit(o)
	}
	return sorted
}

// byForeignKeys returns the names of the tables, each after the tables that it refers to. Otherwise, and in a cycle, they
// keep their order.
func byForeignKeys(tables []*table) (names []string) {
	visited := map[string]bool{}
	var visit func(t *table)
	visit = func(t *table) {
		if visited[t.Name] {
			return
		}
		visited[t.Name] = true
		for _, key := range t.ForeignKeys {
			if i := slices.IndexFunc(tables, func(t *table) bool { return strings.EqualFold(t.Name, key.Parent) }); i >= 0 {
				visit(tables[i])
			}
		}
		names = append(names, t.Name)
	}
	for _, t := range tables {
		visit(t)
	}
	return names
}
