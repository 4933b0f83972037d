package dbcheck

import (
	"fmt"
	"reflect"
	"time"

	"github.com/duolite/duolite/db/dbcheck/internal/trial"
	"github.com/duolite/duolite/db/dbcheck/internal/value"
	"github.com/duolite/duolite/db/dbtype"
)

// twoForms reports the places in which a time of SQL and a time of Go meet in two forms.
func twoForms(c *checker) (findings []Finding, err error) {
	clashes, err := c.databases.Times(c.bindings)
	for _, clash := range clashes {
		message, instead := formMessage(clash), formInstead(clash.Type, clash.Layout)
		if clash.Writer != "" {
			message, instead = dayMessage(clash), "the Go type dbtype.Date, or date("+clash.Column+") on the other side"
		}
		q := clash.Binding.Query
		findings = append(findings, findingAt(q, q.LineAt(clash.Place.Offset), instead, "%s", message))
	}
	return findings, err
}

func formMessage(c trial.Clash) string {
	problem := "the column gets both, which are never equal"
	if !c.Written {
		problem = "they are never equal (seen: " + difference(c.Different) + ")"
	}
	return fmt.Sprintf("%s is %s, sent as '%s', and SQL stores that time in %s.%s as '%s' (%s): %s",
		c.Place.Text, value.Article(c.Type), c.Made, c.Table, c.Column, c.Stored, c.By, problem)
}

func dayMessage(c trial.Clash) string {
	return fmt.Sprintf("%s.%s is compared with a day, such as '2026-03-04', and the query %s stores that day as '%s' (%s): they are never equal (seen: %s)",
		c.Table, c.Column, c.Writer, c.Made, value.Article(c.Type), difference(c.Different))
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
func difference(outcomes [2]trial.Outcome) string {
	a, b := outcomes[0], outcomes[1]
	switch {
	case a.Rows != b.Rows:
		return fmt.Sprintf("%s with the first, %s with the second", count(int(a.Rows), "row"), count(int(b.Rows), "row"))
	case a.Changed != b.Changed:
		return fmt.Sprintf("%s changed with the first, %s with the second", count(int(a.Changed), "row"), count(int(b.Changed), "row"))
	case a.Left != b.Left:
		return fmt.Sprintf("%s left with the first, %s with the second", count(int(a.Left), "row"), count(int(b.Left), "row"))
	}
	return "other values in its rows"
}
