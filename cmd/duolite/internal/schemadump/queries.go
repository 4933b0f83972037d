package schemadump

import (
	"fmt"
	"slices"
	"strings"
)

// A queryFile has the first queries of a table.
type queryFile struct {
	name, text string
}

// queries returns a file for each table and view.
func (s *Schema) queries() (files []queryFile) {
	used, byType := map[string]bool{}, s.goTypes()
	for _, t := range s.tables {
		if t.noQueries {
			continue
		}
		q := &queryWriter{schema: s, byType: byType, table: t, one: t.one, sqlName: t.sql}
		q.write()
		files = append(files, q.file(used))
	}
	for _, v := range s.views {
		q := &queryWriter{schema: s, table: v, one: v.one, sqlName: v.sql}
		q.list(nil)
		files = append(files, q.file(used))
	}
	return files
}

// A queryWriter writes the queries of a table or a view.
type queryWriter struct {
	schema  *Schema
	byType  map[string][]goType // see Schema.goTypes
	table   *table
	one     string // a row, in snake case: order_detail
	sqlName string
	text    strings.Builder
}

// file returns the file of the queries, with an unused name.
func (q *queryWriter) file(used map[string]bool) queryFile {
	return queryFile{unused(used, snake(q.table.Name)) + ".sql", q.text.String()}
}

func (q *queryWriter) write() {
	key := q.table.key()
	if len(key) > 0 {
		q.add("Get"+exported(q.one), "one", fmt.Sprintf("returns the %s with that key.", q.noun()),
			"SELECT %s FROM %s\nWHERE %s;", q.all(), q.sqlName, q.equal(key, " AND "))
	}
	q.list(key)
	q.create()
	if len(key) > 0 {
		q.update(key)
		q.add("Delete"+exported(q.one), "execrows", fmt.Sprintf("removes the %s with that key. The count is 0 if there is none.", q.noun()),
			"DELETE FROM %s\nWHERE %s;", q.sqlName, q.equal(key, " AND "))
	}
}

// add writes a query.
func (q *queryWriter) add(name, command, comment, format string, args ...any) {
	if q.text.Len() > 0 {
		q.text.WriteString("\n")
	}
	fmt.Fprintf(&q.text, "-- name: %s :%s\n-- %[1]s %[3]s\n", name, command, comment)
	fmt.Fprintf(&q.text, format+"\n", args...)
}

// list writes the query of a page of rows: behind the last key of the page before, if the key has one column.
func (q *queryWriter) list(key []*column) {
	name := "List" + exported(q.table.many)
	if len(key) == 1 {
		after, column := q.optional(key[0], "after_"+key[0].arg), key[0].sql
		q.add(name, "many", "returns a page of rows in the order of their keys: the first page if the key is nil,\n-- or the rows behind that key.\n-- db:dynamic",
			"SELECT %s FROM %s\nWHERE (%s IS NULL OR %s > %[3]s)\nORDER BY %[4]s\nLIMIT sqlc.arg(page_size);", q.all(), q.sqlName, after, column)
		return
	}
	order, inOrder := "", "." // sqlc doesn't know the rowid
	if len(key) > 0 {
		order, inOrder = "ORDER BY "+join(key, ", ", func(c *column) string { return c.sql })+"\n", " in the order of their keys."
	}
	q.add(name, "many", "returns a page of rows"+inOrder,
		"SELECT %s FROM %s\n%sLIMIT sqlc.arg(page_size) OFFSET sqlc.arg(skip);", q.all(), q.sqlName, order)
}

// create writes the INSERT. The rowid, generated columns, and columns whose default is computed are left out.
func (q *queryWriter) create() {
	given := slices.DeleteFunc(slices.Clone(q.table.columns), func(c *column) bool {
		return c.Hidden || c == q.table.rowID() || c.isComputed()
	})
	values := "DEFAULT VALUES"
	if len(given) > 0 {
		values = fmt.Sprintf("(%s)\nVALUES (%s)", join(given, ", ", func(c *column) string { return c.sql }),
			join(given, ", ", func(c *column) string { return "sqlc.arg(" + c.arg + ")" }))
	}
	q.add("Create"+exported(q.one), "one", fmt.Sprintf("stores a new %s.", q.noun()),
		"INSERT INTO %s %s\nRETURNING %s;", q.sqlName, values, q.all())
}

// optional returns a parameter that may be NULL, for a comparison with a column. sqlc would give it the Go type of the column's own
// override, which has no NULL; so a CAST gives it another one.
func (q *queryWriter) optional(c *column, name string) string {
	param := "sqlc.narg(" + name + ")"
	if g, own := q.schema.ownType(q.table, c, q.byType); own && g.isPointer() {
		return "CAST(" + param + " AS " + g.class() + ")"
	}
	return param
}

// isComputed reports whether the column has a default that isn't a constant, such as CURRENT_TIMESTAMP.
func (c *column) isComputed() bool {
	return strings.Contains(c.Default, "(") || strings.HasPrefix(strings.ToUpper(c.Default), "CURRENT_")
}

// update writes the UPDATE, unless all columns are in the key.
func (q *queryWriter) update(key []*column) {
	changed := slices.DeleteFunc(slices.Clone(q.table.columns), func(c *column) bool { return c.Hidden || c.Key > 0 })
	if len(changed) == 0 {
		return
	}
	q.add("Update"+exported(q.one), "one", fmt.Sprintf("changes all columns of the %s with that key.", q.noun()),
		"UPDATE %s SET\n    %s\nWHERE %s\nRETURNING %s;", q.sqlName, q.equal(changed, ",\n    "), q.equal(key, " AND "), q.all())
}

// all returns the columns of a result. sqlc writes * as names without quotes, except for keywords.
func (q *queryWriter) all() string {
	if !slices.ContainsFunc(q.table.columns, func(c *column) bool { return !plain.MatchString(c.Name) }) {
		return "*"
	}
	return join(q.table.columns, ", ", func(c *column) string { return c.sql })
}

// equal compares columns with parameters, or assigns parameters to them.
func (q *queryWriter) equal(columns []*column, separator string) string {
	return join(columns, separator, func(c *column) string { return c.sql + " = sqlc.arg(" + c.arg + ")" })
}

func (q *queryWriter) noun() string { return strings.ReplaceAll(q.one, "_", " ") }

func join(columns []*column, separator string, text func(*column) string) string {
	all := make([]string, len(columns))
	for i, c := range columns {
		all[i] = text(c)
	}
	return strings.Join(all, separator)
}
