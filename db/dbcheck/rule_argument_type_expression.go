package dbcheck

import (
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
	for i, arg := range s.binding.Places() {
		place, t := s.query.Parts[i], s.method.Args[arg].Type
		if message, instead := notItself(s.query.Parts, i, value.ClassSent(t)); message != "" {
			findings = appendNew(findings, s.at(place, instead, "%s is %s, %s", place.Text, value.Article(t), message))
			continue
		}
		e := comparedExpression(s.query.Parts, i)
		if sent := value.ClassSent(t); e == nil || sent == value.Any || slices.Contains(e.has, sent) {
			continue
		}
		instead := "CAST(sqlc.arg(" + place.NameOr("name") + ") AS " + e.cast + ")"
		if place.Kind == source.SlicePart {
			instead = jsonEach(place.Name)
		}
		findings = appendNew(findings, s.at(place, instead, "%s is %s, but is compared with %s, which is %s, so that they are never equal",
			place.Text, value.Article(t), e.text, e.is))
	}
	return findings
}

// notItself returns a message about a time or JSON where a number belongs, or one of these where a
// pattern belongs, or "".
func notItself(parts []source.Part, i int, sent value.Class) (message, instead string) {
	name := parts[i].NameOr("name")
	switch {
	case sent == value.Any, sent == value.Text, sent == value.Blob:
	case source.IsPattern(parts, i):
		return "but a pattern is a text", "CAST(sqlc.arg(" + name + ") AS TEXT)"
	case sent == value.Int:
	case source.IsArithmetic(parts, i-1), source.IsArithmetic(parts, i+1):
		return "but arithmetic needs a number", "CAST(sqlc.arg(" + name + ") AS REAL), or AS INTEGER"
	}
	return "", ""
}

// comparedExpression returns the expression that the place at i is compared with, or nil if its
// type isn't known.
func comparedExpression(parts []source.Part, i int) *expression {
	if !source.EndsOperand(parts, i+1) {
		return behindPlace(parts, i)
	}
	before := func(word int) *expression { return expressionBefore(parts, source.SkipNot(parts, word-1)) }
	if source.At(parts, i-1).Is("between") {
		return before(i - 1)
	}
	if source.At(parts, i-1).Is("and") && source.At(parts, i-3).Is("between") {
		return before(i - 3)
	}
	if open := source.ListBefore(parts, i); source.At(parts, open-1).Is("in") {
		return before(open - 1)
	}
	if is := source.SkipNot(parts, i-1); source.At(parts, is).Is("is") {
		return expressionBefore(parts, is-1)
	}
	if j := source.BeforeOperator(parts, i); j >= 0 && parts[j].Text != "-" {
		return expressionBefore(parts, j)
	}
	return nil
}

// behindPlace returns the expression that follows the place at i and is compared with it.
func behindPlace(parts []source.Part, i int) *expression {
	k := source.BehindOperator(parts, i+1)
	// More may follow a function, such as || and ->>.
	if k > i+1 && source.At(parts, k+1).Text == "(" && source.StartsOperand(parts, i) && source.EndsOperand(parts, source.Closing(parts, k+1)+1) {
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
	if parts[j].Is("end") {
		return caseExpression(source.At(parts, j-1).Text)
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
	name, last := strings.ToLower(parts[i].Text), source.At(parts, end-1)
	switch {
	case parts[i].Is("coalesce", "ifnull") && source.At(parts, i+3).Text == "(" && source.At(parts, source.Closing(parts, i+3)+1).Text == ",":
		return functionExpression(parts, i+2, source.Closing(parts, i+3))
	case slices.Contains(numbers, name):
		cast := "INTEGER"
		if parts[i].Is("julianday", "round", "total", "abs") {
			cast = "REAL"
		}
		return &expression{name + "(...)", cast, "a number", []value.Class{value.Int}}
	case name == "json_extract":
		return jsonValue("json_extract(...)")
	case name == "cast" && last.Is("integer", "int", "real"):
		// SQLite converts a text to a number before it compares.
		return &expression{"CAST(... AS " + last.Text + ")", strings.ToUpper(last.Text), "a number", []value.Class{value.Int, value.Text}}
	case name == "strftime" && strings.Contains(source.At(parts, i+2).Text, "%f"):
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
