package dbcheck

import (
	"regexp"
	"slices"
	"strings"
)

// homes reports what isn't the same on a file and on a server, without an error on either:
// docs/differences.md has the values. What one of them doesn't compile is an error there,
// and is found by Server. isColumn says whether a column of that name is of that class, in all tables.
func (q *query) homes(isColumn func(name string, of class) bool) (findings []Finding) {
	add := func(p part, instead, format string, args ...any) {
		findings = append(findings, q.finding(q.lineAt(p.offset), RuleHomes, instead, format, args...))
	}
	for i, p := range q.parts {
		if arrowBefore(q.parts, i) {
			switch digits := digitsOf(p.text); {
			case p.text == "-" && i+1 < len(q.parts) && digitsOf(q.parts[i+1].text) != "":
				add(p, "the path '$[#-"+q.parts[i+1].text+"]'", "-> with a negative number counts from the end of an array on a file, and is NULL on a server")
			case digits != "" && p.text[0] == '\'':
				add(p, "the path '$."+`"`+digits+`"' for a name, or the number `+digits+" for a place in an array",
					"-> with %s takes it for a name on a file, and for the number of a place in an array on a server", p.text)
			}
		}
		if word := strings.ToLower(p.text); (word == "like" || word == "glob") && i > 0 {
			if left := columnName(q.parts, skipNot(q.parts, i-1)); left != "" && isColumn(left, blobClass) {
				add(p, "CAST("+left+" AS TEXT) "+strings.ToUpper(word)+" ...", "%s is false on a file for a BLOB, such as %s, and takes it for a text on a server", strings.ToUpper(word), left)
			}
		}
		if !isCall(q.parts, i) {
			continue
		}
		args := q.parts[i+2 : closing(q.parts, i+1)]
		switch name := strings.ToLower(p.text); name {
		case "log":
			if hasComma(args) {
				break // which a server doesn't compile
			}
			add(p, "log10(...), or ln(...)", "log is to the base 10 on a file, and the natural logarithm on a server")
		case "concat_ws":
			add(p, "the texts with || and the separator between them", "concat_ws leaves out empty texts on a server, with their separators, and not on a file")
		case "ceil", "ceiling", "floor":
			if showsType(q.parts, i) && makesReal(args, isColumn) {
				add(p, "CAST("+name+"(...) AS REAL), or AS INTEGER", "%s is a REAL on a file, and an INTEGER on a server, which shows here", name)
			}
		case "format", "printf":
			if len(args) > 0 && otherFormat.MatchString(args[0].text) {
				add(p, "format('%d', round(...)) for %.0f, and json_quote(...) for %j", "%s isn't the same on a file and on a server: %%.0f doesn't round there, and a format with %%j is NULL", args[0].text)
			}
		case "strftime":
			if len(args) > 0 && otherDate.MatchString(args[0].text) {
				add(p, "%Y, %W, %j, %w or %u, which are the same", "%s is NULL on a server, which knows no %%G, %%g, %%V and %%U", args[0].text)
			}
			q.modifiers(args, add)
		case "date", "time", "datetime", "julianday", "unixepoch":
			q.modifiers(args, add)
		}
	}
	return findings
}

// hasComma reports whether a function has several arguments.
func hasComma(args []part) bool {
	depth := 0
	for _, p := range args {
		switch p.text {
		case "(":
			depth++
		case ")":
			depth--
		case ",":
			if depth == 0 {
				return true
			}
		}
	}
	return false
}

var (
	otherFormat = regexp.MustCompile(`^'(|.*[^%])(%%)*%[-+ 0,#!]*[0-9]*(\.[0-9]+)?([jJ]|\.0[fg])`)
	otherDate   = regexp.MustCompile(`^'(|.*[^%])(%%)*%[GgVU]`)
)

// modifiers reports those that a server doesn't know.
func (q *query) modifiers(args []part, add func(p part, instead, format string, args ...any)) {
	for _, arg := range args {
		switch strings.ToLower(arg.text) {
		case "'floor'", "'ceiling'":
			add(arg, "the date from Go, as an argument", "a date with the modifier %s is NULL on a server, which doesn't know it", arg.text)
		}
	}
}

// isCall reports whether a function is called by the name at i, which may be a table's too:
// INSERT INTO log (...), WITH log (...) AS (...).
func isCall(parts []part, i int) bool {
	if parts[i].kind != tokenPart || i+1 >= len(parts) || parts[i+1].text != "(" {
		return false
	}
	if i > 0 {
		switch strings.ToLower(parts[i-1].text) {
		case ".", "into", "table", "view", "references", "recursive", "update", "join", "as":
			return false
		}
	}
	end := closing(parts, i+1)
	cte := end+2 < len(parts) && strings.EqualFold(parts[end+1].text, "as") &&
		slices.Contains([]string{"(", "not", "materialized"}, strings.ToLower(parts[end+2].text))
	return !cte
}

// arrowBefore reports whether the part at i is the right side of -> or ->>.
func arrowBefore(parts []part, i int) bool {
	return i > 1 && texts(parts[i-2:i]) == "->" || i > 2 && texts(parts[i-3:i]) == "->>"
}

// digitsOf returns the digits that a number or a text is, or "".
func digitsOf(text string) string {
	digits := strings.Trim(text, "'")
	if strings.Trim(digits, "0123456789") != "" {
		return ""
	}
	return digits
}

// showsType reports whether the statement would be another one if the function that is
// called at i returned an INTEGER instead of a REAL: it is divided, or made a text.
func showsType(parts []part, i int) bool {
	start, end := i, closing(parts, i+1)
	for start > 0 && end+1 < len(parts) && parts[start-1].text == "(" && parts[end+1].text == ")" && (start < 2 || !isName(parts[start-2])) {
		start, end = start-1, end+1
	}
	before, behind := texts(parts[max(0, start-2):start]), texts(parts[end+1:min(len(parts), end+3)])
	if strings.HasSuffix(before, "/") || strings.HasPrefix(behind, "/") {
		return !(strings.HasPrefix(behind, "/") && isReal(parts, end+2)) && !(strings.HasSuffix(before, "/") && start > 1 && isReal(parts, start-2))
	}
	if strings.HasSuffix(before, "||") || strings.HasPrefix(behind, "||") {
		return true
	}
	if start > 1 && parts[start-1].text == "(" && end+1 < len(parts) {
		if strings.EqualFold(parts[start-2].text, "cast") && strings.EqualFold(parts[end+1].text, "as") {
			return end+2 < len(parts) && classOf(parts[end+2].text) == textClass
		}
		return slices.Contains(textFunctions, strings.ToLower(parts[start-2].text)) && parts[end+1].text == ")"
	}
	return false
}

// textFunctions show whether a number is a REAL.
var textFunctions = []string{"typeof", "quote", "hex", "length", "json_array", "json_quote", "json_group_array", "concat", "group_concat"}

func isName(p part) bool {
	return p.kind == tokenPart && strings.Trim(strings.ToLower(p.text), "abcdefghijklmnopqrstuvwxyz0123456789_") == "" &&
		!slices.Contains([]string{"and", "or", "not", "in", "when", "then", "else", "select", "where", "by", "on", "between", "values", "is", "like"}, strings.ToLower(p.text))
}

// realFunctions return a REAL.
var realFunctions = []string{"avg", "total", "round", "julianday", "sqrt", "power", "exp", "ln", "log10", "pi", "real"}

// makesReal reports whether an expression with these parts is a REAL: of an INTEGER, ceil is
// one everywhere.
func makesReal(parts []part, isColumn func(name string, of class) bool) bool {
	for i, p := range parts {
		if isReal(parts, i) || slices.Contains(realFunctions, strings.ToLower(p.text)) || isColumn(unquote(p.text), realClass) {
			return true
		}
	}
	return false
}

// isColumnOf reports whether there are columns of that name, all of that class.
func (c *checker) isColumnOf(name string, of class) bool {
	found := false
	for _, t := range c.tables {
		for _, column := range t.columns {
			if strings.EqualFold(column.name, name) {
				if found = column.class == of; !found {
					return false
				}
			}
		}
	}
	return found
}

// isReal reports whether the part at i is of a number with a point, of which the digits on
// each side are parts as well.
func isReal(parts []part, i int) bool {
	digits := func(i int) bool { return i >= 0 && i < len(parts) && digitsOf(parts[i].text) != "" }
	point := func(i int) bool { return i >= 0 && i < len(parts) && parts[i].text == "." }
	return digits(i) && (point(i+1) || point(i-1)) || point(i) && (digits(i-1) || digits(i+1))
}
