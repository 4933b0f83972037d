package schemadump

import (
	"slices"
	"strings"
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
	for _, isNext := range []func(Object) bool{
		func(o Object) bool { return o.form == "virtual" },
		func(o Object) bool { return o.Type == "view" },
		func(o Object) bool { return o.Type == "trigger" },
	} {
		for _, o := range all {
			if isNext(o) {
				sorted = append(sorted, o)
			}
		}
	}
	return sorted
}

// byForeignKeys returns the names of the tables, each after the tables that it refers to. Otherwise, and in a cycle, they
// keep their order.
func byForeignKeys(tables []*table) (names []string) {
	visited := map[string]bool{}
	var visit func(t *table)
	visit = func(t *table) {
		if visited[t.name] {
			return
		}
		visited[t.name] = true
		for _, other := range t.refersTo {
			if i := slices.IndexFunc(tables, func(t *table) bool { return strings.EqualFold(t.name, other) }); i >= 0 {
				visit(tables[i])
			}
		}
		names = append(names, t.name)
	}
	for _, t := range tables {
		visit(t)
	}
	return names
}
