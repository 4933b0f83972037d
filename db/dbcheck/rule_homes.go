package dbcheck

import (
	"regexp"
	"strings"

	"github.com/duolite/duolite/db/dbcheck/internal/source"
	"github.com/duolite/duolite/db/dbcheck/internal/value"
)

// differentHomes reports SQL that returns other values on a file than on a server, without an error on
// either. docs/differences.md has the values. SQL that one of them doesn't compile is found by Server.
func differentHomes(q *source.Query, isColumn columns) (findings []Finding) {
	add := func(p source.Part, instead, format string, args ...any) {
		findings = append(findings, findingAt(q, q.LineAt(p.Offset), instead, format, args...))
	}
	for i, p := range q.Parts {
		if source.ArrowBefore(q.Parts, i) {
			switch digits := source.DigitsOf(p.Text); {
			case p.Text == "-" && source.DigitsOf(source.At(q.Parts, i+1).Text) != "":
				add(p, "the path '$[#-"+q.Parts[i+1].Text+"]'", "-> with a negative number counts from the end of an array on a file, and is NULL on a server")
			case digits != "" && p.Text[0] == '\'':
				add(p, "the path '$."+`"`+digits+`"' for a name, or the number `+digits+" for a place in an array",
					"-> with %s takes it for a name on a file, and for the number of a place in an array on a server", p.Text)
			}
		}
		if left := source.ColumnName(q.Parts, source.SkipNot(q.Parts, i-1)); p.Is("like", "glob") && isColumn(left, value.Blob) {
			add(p, "CAST("+left+" AS TEXT) "+strings.ToUpper(p.Text)+" ...", "%s is false on a file for a BLOB, such as %s, and takes it for a text on a server", strings.ToUpper(p.Text), left)
		}
		if !source.IsCall(q.Parts, i) {
			continue
		}
		args := source.Inside(q.Parts, i+1)
		first := source.At(args, 0).Text
		switch name := strings.ToLower(p.Text); name {
		case "log":
			if len(source.SplitList(args)) == 1 { // a server doesn't compile it with two arguments
				add(p, "log10(...), or ln(...)", "log is to the base 10 on a file, and the natural logarithm on a server")
			}
		case "concat_ws":
			add(p, "the texts with || and the separator between them", "concat_ws leaves out empty texts on a server, with their separators, and not on a file")
		case "ceil", "ceiling", "floor":
			if showsType(q.Parts, i) && makesReal(args, isColumn) {
				add(p, "CAST("+name+"(...) AS REAL), or AS INTEGER", "%s is a REAL on a file, and an INTEGER on a server, which shows here", name)
			}
		case "format", "printf":
			if otherFormat.MatchString(first) {
				add(p, "format('%d', round(...)) for %.0f, and json_quote(...) for %j", "%s isn't the same on a file and on a server: %%.0f doesn't round there, and a format with %%j is NULL", first)
			}
		case "strftime":
			if otherDate.MatchString(first) {
				add(p, "%Y, %W, %j, %w or %u, which are the same", "%s is NULL on a server, which knows no %%G, %%g, %%V and %%U", first)
			}
			modifiers(q, args, add)
		case "date", "time", "datetime", "julianday", "unixepoch":
			modifiers(q, args, add)
		}
	}
	return findings
}

var (
	otherFormat = regexp.MustCompile(`^'(|.*[^%])(%%)*%[-+ 0,#!]*[0-9]*(\.[0-9]+)?([jJ]|\.0[fg])`)
	otherDate   = regexp.MustCompile(`^'(|.*[^%])(%%)*%[GgVU]`)
)

// modifiers reports the modifiers of dates that a server doesn't know.
func modifiers(q *source.Query, args []source.Part, add func(p source.Part, instead, format string, args ...any)) {
	for _, arg := range args {
		if arg.Is("'floor'", "'ceiling'") {
			add(arg, "the date from Go, as an argument", "a date with the modifier %s is NULL on a server, which doesn't know it", arg.Text)
		}
	}
}

// showsType reports whether the statement would return another value if the function that is
// called at i returned an INTEGER instead of a REAL: it is divided, or converted to a text.
func showsType(parts []source.Part, i int) bool {
	start, end := i, source.Closing(parts, i+1)
	for source.At(parts, start-1).Text == "(" && source.At(parts, end+1).Text == ")" && (start < 2 || !source.IsName(parts[start-2])) {
		start, end = start-1, end+1
	}
	before, behind := source.Join(parts[max(0, start-2):start]), source.Join(parts[end+1:min(len(parts), end+3)])
	if divides, divided := strings.HasSuffix(before, "/"), strings.HasPrefix(behind, "/"); divides || divided {
		return !(divided && source.IsReal(parts, end+2)) && !(divides && source.IsReal(parts, start-2))
	}
	if strings.HasSuffix(before, "||") || strings.HasPrefix(behind, "||") {
		return true
	}
	function, next := source.At(parts, start-2), source.At(parts, end+1)
	switch {
	case source.At(parts, start-1).Text != "(":
		return false
	case function.Is("cast") && next.Is("as"):
		return value.ClassOf(source.At(parts, end+2).Text) == value.Text
	}
	return function.Is(textFunctions...) && next.Text == ")"
}

// textFunctions show whether a number is a REAL.
var textFunctions = []string{"typeof", "quote", "hex", "length", "json_array", "json_quote", "json_group_array", "concat", "group_concat"}

// realFunctions return a REAL.
var realFunctions = []string{"avg", "total", "round", "julianday", "sqrt", "power", "exp", "ln", "log10", "pi", "real"}

// makesReal reports whether an expression with these parts is a REAL. The ceil of an INTEGER is an
// INTEGER everywhere.
func makesReal(parts []source.Part, isColumn columns) bool {
	for i, p := range parts {
		if source.IsReal(parts, i) || p.Is(realFunctions...) || isColumn(p.Unquoted(), value.Real) {
			return true
		}
	}
	return false
}

// A columns function reports whether all columns of that name are of that class, and there is one.
type columns func(name string, of value.Class) bool
