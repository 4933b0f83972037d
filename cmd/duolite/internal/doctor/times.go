package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/duolite/duolite/cmd/duolite/internal/catalog"
)

// sampledRows limits the rows of a column whose times are compared: the first ones of a table. In a larger table as
// many of its last rows are added.
const sampledRows = 5_000

// A timeForm is a form in which times are stored.
type timeForm struct {
	pattern string // of GLOB, with ? for a digit, or a type of typeof
	example string
	// classes are the sets of forms that compare correctly with each other, to which this one belongs.
	classes []string
	// same is an expression of the text v, which has to be the same for all rows, or "".
	same string
}

// The classes of forms. Texts of one class are equal if the times are, and sort by time.
const (
	// plain is time.Time's: CURRENT_TIMESTAMP, with a fraction if the time has one.
	plain = "plain"
	// fixed is dbtype.Time's: always three digits.
	fixed = "fixed"
)

// timeForms are the forms in the order in which they are tried. Before a Z, fractions of different lengths don't sort:
// 07.5Z is less than 07Z. Before an offset they do.
var timeForms = []timeForm{
	{"integer", "1772600000", []string{"number"}, ""},
	{"real", "1772600000.5", []string{"number"}, ""},
	{"????-??-??", "2026-03-04", []string{"date"}, ""},
	{"????-??-?? ??:??:??", "2026-03-04 05:06:07", []string{plain}, ""},
	{"????-??-?? ??:??:??.000", "2026-03-04 05:06:07.000", []string{fixed}, ""},
	{"????-??-?? ??:??:??.???", "2026-03-04 05:06:07.089", []string{plain, fixed}, ""},
	{"????-??-??T*Z", "2026-03-04T05:06:07Z", []string{"T and Z"}, "length(v)"},
	{"????-??-??T*[+-]??:??", "2026-03-04T05:06:07+02:00", []string{"T and an offset"}, "substr(v, -6)"},
	{"????-??-??T*", "2026-03-04T05:06:07", []string{"T"}, ""},
	{"????-??-?? ??:??*[^0-9:.]*", "2026-03-04 05:06:07+02:00", []string{"a zone"}, "substr(v, -6)"},
	{"????-??-?? ??:??:??.*", "2026-03-04 05:06:07.089012", []string{plain}, ""},
	{"????-??-?? ??:??*", "2026-03-04 05:06", []string{"minutes"}, ""},
}

// otherForm is the index after the last form.
var otherForm = len(timeForms)

// times looks for columns whose times are stored in forms that don't compare: a text that SQL writes
// (CURRENT_TIMESTAMP) beside one that Go writes in another form.
func (x *examination) times(ctx context.Context) error {
	tables, err := x.catalog(ctx)
	if err != nil {
		return err
	}
	for _, t := range tables {
		for _, c := range t.Columns {
			if t.Virtual || !isTime(c.Type) {
				continue
			}
			if err := x.timesOf(ctx, t, c); err != nil {
				return err
			}
		}
	}
	return nil
}

// isTime reports whether a declared type is one whose texts package db reads as times.
func isTime(declared string) bool {
	name, _, _ := strings.Cut(strings.ToLower(declared), "(")
	return slices.Contains([]string{"date", "datetime", "timestamp", "timestamptz", "timestamp with time zone", "timestamp without time zone"}, strings.TrimSpace(name))
}

// timesOf compares the forms of a column's values, and of its DEFAULT.
func (x *examination) timesOf(ctx context.Context, t *catalog.Table, c catalog.Column) error {
	forms, err := x.formsOf(ctx, t, c)
	if err != nil || len(forms) == 0 {
		return err
	}
	byDefault := -1
	if c.Default != "" {
		if byDefault, err = x.formOfDefault(ctx, c.Default); err != nil {
			return err
		}
		if byDefault >= 0 && !slices.ContainsFunc(forms, func(f formCount) bool { return f.form == byDefault }) {
			forms = append(forms, formCount{form: byDefault})
		}
	}
	if compares(forms) {
		return nil
	}
	var texts []string
	for _, f := range forms {
		texts = append(texts, f.text(f.form == byDefault))
	}
	x.found(Warning, t.Name+"."+c.Name, "UPDATE the rows by strftime('%Y-%m-%d %H:%M:%f', "+catalog.QuoteIfNeeded(c.Name)+
		"), and give the column a DEFAULT in the form that the program writes: the same strftime for dbtype.Time, CURRENT_TIMESTAMP for time.Time",
		"has times in forms that don't compare: %s", strings.Join(texts, ", "))
	return nil
}

// A formCount is a form with its number of rows.
type formCount struct {
	form    int
	rows    int64
	example string
	// least and greatest are the values of timeForm.same. If they differ, other is a text that doesn't compare with example.
	least, greatest any
	other           string
}

// differs reports whether the rows of the form don't compare with each other.
func (f formCount) differs() bool { return f.least != f.greatest }

func (f formCount) text(isDefault bool) string {
	text := "the DEFAULT's"
	if f.rows > 0 {
		text = fmt.Sprintf("%q in %s", f.example, count(f.rows, "row"))
		if f.differs() {
			text = fmt.Sprintf("%q and %q in %s", f.example, f.other, count(f.rows, "row"))
		}
		if isDefault {
			text += " (and the DEFAULT)"
		}
	} else {
		text += fmt.Sprintf(" %q", timeForms[f.form].example)
	}
	return text
}

// compares reports whether all forms belong to one class. Other texts are left out.
func compares(forms []formCount) bool {
	var common []string
	first := true
	for _, f := range forms {
		switch {
		case f.differs():
			return false
		case f.form == otherForm:
		case first:
			common, first = slices.Clone(timeForms[f.form].classes), false
		default:
			common = slices.DeleteFunc(common, func(class string) bool { return !slices.Contains(timeForms[f.form].classes, class) })
		}
	}
	return first || len(common) > 0
}

// formsOf counts the forms of the times in a column, the most frequent first.
func (x *examination) formsOf(ctx context.Context, t *catalog.Table, c catalog.Column) (forms []formCount, err error) {
	values := "SELECT " + catalog.Quote(c.Name) + " AS v FROM " + catalog.Quote(t.Name)
	sample := fmt.Sprintf("%s LIMIT %d", values, 2*sampledRows)
	if rows, err := x.rows(ctx); err != nil {
		return nil, err
	} else if rows[t.Name] > 2*sampledRows && !t.WithoutRowid {
		sample = fmt.Sprintf("SELECT v FROM (%s ORDER BY rowid LIMIT %d) UNION ALL SELECT v FROM (%s ORDER BY rowid DESC LIMIT %d)", values, sampledRows, values, sampledRows)
	}
	compared := fmt.Sprintf(`WITH sample AS (SELECT v || '' AS v, %s AS form FROM (%s) WHERE v IS NOT NULL), compared AS (SELECT v, form, %s AS same FROM sample) `,
		formCase("v"), sample, sameCase())
	query := compared + "SELECT form, count(*), min(v), min(same), max(same) FROM compared GROUP BY form ORDER BY count(*) DESC, form"
	err = catalog.Each(ctx, x.Pool, query, func(scan func(...any) error) error {
		var f formCount
		err := scan(&f.form, &f.rows, &f.example, &f.least, &f.greatest)
		forms = append(forms, f)
		return err
	})
	for i, f := range forms {
		if err == nil && f.differs() {
			err = x.Pool.QueryRowContext(ctx, compared+"SELECT (SELECT min(v) FROM compared WHERE form = ?1 AND same = ?2), (SELECT min(v) FROM compared WHERE form = ?1 AND same = ?3)",
				f.form, f.least, f.greatest).Scan(&forms[i].example, &forms[i].other)
		}
	}
	return forms, err
}

// formOfDefault returns the form of the value that a DEFAULT has, or -1 if it isn't a time.
func (x *examination) formOfDefault(ctx context.Context, expression string) (int, error) {
	form := -1
	err := x.Pool.QueryRowContext(ctx, "SELECT coalesce(CASE WHEN v IS NULL THEN -1 ELSE "+formCase("v")+" END, -1) FROM (SELECT "+expression+" AS v)").Scan(&form)
	if sqlProblem(err) != "" { // a function of the program
		return -1, nil
	}
	switch {
	case form == otherForm:
		form = -1
	case form >= 0 && timeForms[form].classes[0] == plain && slices.Contains(timeForms[form].classes, fixed):
		form = slices.IndexFunc(timeForms, func(f timeForm) bool { return slices.Equal(f.classes, []string{fixed}) }) // a fraction of three digits at all times
	}
	return form, err
}

// formCase returns an expression with the index of the form of a value.
func formCase(value string) string {
	var b strings.Builder
	b.WriteString("CASE")
	for i, f := range timeForms {
		if strings.Contains(f.pattern, "?") {
			fmt.Fprintf(&b, " WHEN typeof(%s) = 'text' AND %s GLOB '%s' THEN %d", value, value, strings.ReplaceAll(f.pattern, "?", "[0-9]"), i)
		} else {
			fmt.Fprintf(&b, " WHEN typeof(%s) = '%s' THEN %d", value, f.pattern, i)
		}
	}
	fmt.Fprintf(&b, " ELSE %d END", otherForm)
	return b.String()
}

// sameCase returns an expression of a form and a text v that has to be the same for all rows of the form.
func sameCase() string {
	var b strings.Builder
	b.WriteString("CASE form")
	for i, f := range timeForms {
		if f.same != "" {
			fmt.Fprintf(&b, " WHEN %d THEN %s", i, f.same)
		}
	}
	b.WriteString(" END")
	return b.String()
}
