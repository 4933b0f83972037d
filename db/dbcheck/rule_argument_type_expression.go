package dbcheck

import (
	"reflect"
	"slices"
	"strings"

	"github.com/duolite/duolite/db/dbcheck/internal/source"
	"github.com/duolite/duolite/db/dbcheck/internal/value"
)

// An expression has a value of one type, for all its arguments. sqlc gives
// an argument that is compared with it the type of the first column in it: a string for
// length(title) > ?, and no length is greater than a string.
type expression struct {
	text string // as a message names it
	cast string // the type for a CAST of the argument
	is   string // its type, for a message
	has  []value.Class
}

// numbers and words are functions that return only numbers or NULL, and only texts or NULL.
var (
	numbers = []string{"abs", "count", "instr", "json_array_length", "julianday", "length", "octet_length", "round", "sign", "total", "unicode", "unixepoch"}
	words   = []string{"date", "format", "hex", "json_type", "printf", "quote", "strftime", "time", "typeof"}
)

// expressionTypes reports the arguments that are equal to nothing, as they are compared
// with an expression of another type.
func expressionTypes(s *subject) (findings []Finding) {
	for i, place := range s.query.Parts {
		arg, ok := s.binding.ArgumentOf(place)
		if !ok {
			continue
		}
		l := s.method.Args[arg]
		if sent, known := value.ClassSent(l.Type); known && sent != value.Text && sent != value.Blob {
			if message, instead := notItself(s.query.Parts, i, sent); message != "" {
				findings = appendNew(findings, s.at(place, instead, "%s is %s, %s", place.Text, value.Article(l.Type), message))
				continue
			}
		}
		e := comparedExpression(s.query.Parts, i)
		if e == nil || e.takes(l.Type) {
			continue
		}
		instead := "CAST(sqlc.arg(" + place.NameOr("name") + ") AS " + e.cast + ")"
		if place.Kind == source.SlicePart {
			instead = jsonEach(place.Name)
		}
		findings = appendNew(findings, s.at(place, instead, "%s is %s, but is compared with %s, which is %s, so that they are never equal",
			place.Text, value.Article(l.Type), e.text, e.is))
	}
	return findings
}

// notItself returns a message about a time or JSON where a number belongs, or one of these where a
// pattern belongs, or "".
func notItself(parts []source.Part, i int, sent value.Class) (message, instead string) {
	name := parts[i].NameOr("name")
	switch {
	case source.IsPattern(parts, i):
		return "but a pattern is a text", "CAST(sqlc.arg(" + name + ") AS TEXT)"
	case sent == value.Int:
	case source.IsArithmetic(parts, i-1), source.IsArithmetic(parts, i+1):
		return "but arithmetic needs a number", "CAST(sqlc.arg(" + name + ") AS REAL), or AS INTEGER"
	}
	return "", ""
}

// takes reports whether values of a Go type can be equal to the expression.
func (e *expression) takes(t reflect.Type) bool {
	sent, known := value.ClassSent(t)
	return !known || slices.Contains(e.has, sent)
}

// comparedExpression returns the expression that the place at i is compared with, or nil if its
// type isn't known.
func comparedExpression(parts []source.Part, i int) *expression {
	if !source.EndsOperand(parts, i+1) {
		return behindPlace(parts, i)
	}
	if i > 0 && strings.EqualFold(parts[i-1].Text, "between") {
		return expressionBefore(parts, source.SkipNot(parts, i-2))
	}
	if i > 3 && strings.EqualFold(parts[i-1].Text, "and") && strings.EqualFold(parts[i-3].Text, "between") {
		return expressionBefore(parts, source.SkipNot(parts, i-4))
	}
	if open := source.ListBefore(parts, i); open > 1 && strings.EqualFold(parts[open-1].Text, "in") {
		return expressionBefore(parts, source.SkipNot(parts, open-2))
	}
	if i > 1 && strings.EqualFold(parts[source.SkipNot(parts, i-1)].Text, "is") {
		return expressionBefore(parts, source.SkipNot(parts, i-1)-1)
	}
	if j := source.BeforeOperator(parts, i); j >= 0 && parts[j].Text != "-" {
		return expressionBefore(parts, j)
	}
	return nil
}

// behindPlace returns the expression that follows the place at i and is compared with it.
func behindPlace(parts []source.Part, i int) *expression {
	k := i + 1
	for k < len(parts) && strings.Contains("=<>!", parts[k].Text) {
		k++
	}
	// More may follow a function, such as || and ->>.
	if k > i+1 && k+1 < len(parts) && parts[k+1].Text == "(" && source.StartsOperand(parts, i) && source.EndsOperand(parts, source.Closing(parts, k+1)+1) {
		return functionExpression(parts, k, source.Closing(parts, k+1))
	}
	return nil
}

// expressionBefore returns the expression that ends at j.
func expressionBefore(parts []source.Part, j int) *expression {
	if j < 0 {
		return nil
	}
	if j > 3 && source.Join(parts[j-3:j]) == "->>" {
		return jsonValue("a value of ->>")
	}
	if strings.EqualFold(parts[j].Text, "end") {
		return caseExpression(parts[j-1].Text)
	}
	open := source.Matching(parts, j)
	if parts[j].Text != ")" || open < 2 || strings.Contains(parts[open-2].Text, "|") {
		return nil
	}
	e := functionExpression(parts, open-1, j)
	if e != nil && e.cast == "TEXT" && source.IsArithmetic(parts, open-2) {
		return nil // it's made a number
	}
	return e
}

// caseExpression returns the type of a CASE, by the constant that it ends with.
func caseExpression(last string) *expression {
	switch values := source.ValuesOf(last); {
	case len(values) == 1:
		return &expression{"CASE ... END", "TEXT", "a text of another form", []value.Class{value.Text}}
	case len(values) > 1:
		return &expression{"CASE ... END", "INTEGER", "a number", []value.Class{value.Int}}
	}
	return nil
}

// functionExpression returns the type of the function whose name is at i, and whose parenthesis closes at
// end.
func functionExpression(parts []source.Part, i, end int) *expression {
	name := strings.ToLower(parts[i].Text)
	switch {
	case (name == "coalesce" || name == "ifnull") && parts[i+3].Text == "(" && parts[source.Closing(parts, i+3)+1].Text == ",":
		return functionExpression(parts, i+2, source.Closing(parts, i+3))
	case slices.Contains(numbers, name):
		cast := "INTEGER"
		if name == "julianday" || name == "round" || name == "total" || name == "abs" {
			cast = "REAL"
		}
		return &expression{name + "(...)", cast, "a number", []value.Class{value.Int}}
	case name == "json_extract":
		return jsonValue("json_extract(...)")
	case name == "cast" && end > 1 && slices.Contains([]string{"integer", "int", "real"}, strings.ToLower(parts[end-1].Text)):
		// SQLite converts a text to a number before it compares.
		return &expression{"CAST(... AS " + parts[end-1].Text + ")", strings.ToUpper(parts[end-1].Text), "a number", []value.Class{value.Int, value.Text}}
	case name == "strftime" && strings.Contains(parts[i+2].Text, "%f"):
		return &expression{"strftime(...)", "TEXT", "a text", []value.Class{value.Text, value.Time}}
	case strings.HasPrefix(name, "substr"): // of a BLOB it is a BLOB
		return &expression{name + "(...)", "TEXT", "a part of a text", []value.Class{value.Text, value.Blob}}
	case slices.Contains(words, name):
		return &expression{name + "(...)", "TEXT", "a text of another form", []value.Class{value.Text}}
	}
	return nil
}

// jsonValue returns the type of a value that SQLite takes out of JSON. It is no JSON any more.
func jsonValue(text string) *expression {
	return &expression{text, "TEXT", "a plain value and no JSON", []value.Class{value.Text, value.Int, value.Time}}
}
