package dbcheck

import (
	"fmt"
	"reflect"
	"time"

	"github.com/duolite/duolite/db/dbcheck/internal/value"
	"github.com/duolite/duolite/db/dbtype"
)

// twoForms reports the places in which a time of SQL and a time of Go meet in two forms.
func twoForms(c *checker) (findings []Finding, err error) {
	clashes, err := c.databases.times(c.bindings)
	for _, clash := range clashes {
		message, instead := formMessage(clash), formInstead(clash.typ, clash.layout)
		if clash.writer != "" {
			message, instead = dayMessage(clash), "the Go type dbtype.Date, or date("+clash.column+") on the other side"
		}
		q := clash.binding.Query
		findings = append(findings, findingAt(q, q.LineAt(clash.place.Offset), instead, "%s", message))
	}
	return findings, err
}

func formMessage(c clash) string {
	problem := "the column gets both, which are never equal"
	if !c.written {
		problem = "they are never equal (seen: " + difference(c.different) + ")"
	}
	return fmt.Sprintf("%s is %s, sent as '%s', and SQL stores that time in %s.%s as '%s' (%s): %s",
		c.place.Text, value.Article(c.typ), c.made, c.table, c.column, c.stored, c.by, problem)
}

func dayMessage(c clash) string {
	return fmt.Sprintf("%s.%s is compared with a day, such as '2026-03-04', and the query %s stores that day as '%s' (%s): they are never equal (seen: %s)",
		c.table, c.column, c.writer, c.made, value.Article(c.typ), difference(c.different))
}

// formInstead returns a form in which both are equal.
func formInstead(t reflect.Type, layout string) string {
	own := value.Pointed(t) == reflect.TypeFor[dbtype.Time]()
	switch {
	case layout == time.DateOnly:
		return "the Go type dbtype.Date, or datetime(...) for date(...)"
	case layout == time.DateTime && own:
		return "strftime('%Y-%m-%d %H:%M:%f', 'now') in SQL, or the Go type time.Time"
	case layout == dbtype.TimeLayout:
		return "the Go type dbtype.Time, or CURRENT_TIMESTAMP in SQL"
	case own:
		return "strftime('%Y-%m-%d %H:%M:%f', 'now') in SQL"
	}
	return "CURRENT_TIMESTAMP, or datetime(...), in SQL"
}

// difference describes how two outcomes differ.
func difference(outcomes [2]outcome) string {
	a, b := outcomes[0], outcomes[1]
	switch {
	case a.rows != b.rows:
		return fmt.Sprintf("%s with the first, %s with the second", count(int(a.rows), "row"), count(int(b.rows), "row"))
	case a.changed != b.changed:
		return fmt.Sprintf("%s changed with the first, %s with the second", count(int(a.changed), "row"), count(int(b.changed), "row"))
	case a.left != b.left:
		return fmt.Sprintf("%s left with the first, %s with the second", count(int(a.left), "row"), count(int(b.left), "row"))
	}
	return "other values in its rows"
}
