package trial

import (
	"slices"
	"strings"

	"github.com/duolite/duolite/db/dbcheck/internal/source"
	"github.com/duolite/duolite/internal/sqltext"
)

// A List has the texts that a CHECK allows in a column.
type List struct {
	Table, Column string
	Texts         []string
}

// Lists returns the lists of all tables.
func (d *Databases) Lists() (lists []List) {
	for _, t := range d.Tables {
		for _, list := range checkLists(t.sql) {
			list.Table = t.Name
			lists = append(lists, list)
		}
	}
	return lists
}

// checkLists returns the lists of a CREATE TABLE: CHECK (column IN ('a', 'b')), also with OR column IS
// NULL. A column with a COLLATE has none, since its texts may differ from the list.
func checkLists(create string) (lists []List) {
	if strings.Contains(strings.ToLower(create), "collate") {
		return nil
	}
	words := tokensOf(create)
	for i := 0; i+1 < len(words); i++ {
		if !strings.EqualFold(words[i], "check") || words[i+1] != "(" {
			continue
		}
		if list, ok := inList(words[i+2:]); ok {
			lists = append(lists, list)
		}
	}
	return lists
}

// inList reads the condition of a CHECK: [column IS NULL OR] column IN ('a', 'b') [OR column IS NULL].
func inList(words []string) (list List, ok bool) {
	next := func(wanted ...string) bool {
		if len(words) < len(wanted) || !slices.EqualFunc(words[:len(wanted)], wanted, strings.EqualFold) {
			return false
		}
		words = words[len(wanted):]
		return true
	}
	if len(words) < 2 {
		return list, false
	}
	name := words[0]
	list.Column = sqltext.Unquote(name)
	next(name, "is", "null", "or")
	if !next(name, "in", "(") {
		return list, false
	}
	for len(words) > 1 && words[0][0] == '\'' {
		list.Texts = append(list.Texts, sqltext.Unquote(words[0]))
		words = words[1:]
		if !next(",") {
			break
		}
	}
	if len(list.Texts) == 0 || !next(")") {
		return list, false
	}
	next("or", name, "is", "null")
	return list, next(")")
}

// ListOf returns the texts that a column may have in the tables that a query names. It returns false if one
// of them has such a column without a list.
func (d *Databases) ListOf(q *source.Query, column string) (texts []string, ok bool) {
	lists := d.Lists()
	for t := range ColumnsNamed(d.Tables, column) {
		if !q.Contains(t.Name) {
			continue
		}
		i := slices.IndexFunc(lists, func(l List) bool { return l.Table == t.Name && strings.EqualFold(l.Column, column) })
		if i < 0 {
			return nil, false
		}
		texts = append(texts, lists[i].Texts...)
	}
	return texts, len(texts) > 0
}
