package sqltext

import "strings"

// A PragmaText is the content of a PRAGMA statement: PRAGMA Schema.Name = …
type PragmaText struct {
	Schema string // as written, without quotes, or ""
	Name   string // in lower case, without quotes
	// Sets: a value follows the name, after = or in parentheses.
	Sets bool
}

// Pragma parses a PRAGMA statement, also after EXPLAIN. It returns false for other statements.
// https://sqlite.org/pragma.html
func (s *Statement) Pragma() (PragmaText, bool) {
	if s.Kind != Pragma && s.Kind != Outside {
		return PragmaText{}, false
	}
	var found PragmaText
	seen, named := false, false
	for t := range Tokens(s.Text) {
		switch {
		case t.Kind == Space || t.Kind == Comment:
		case !seen:
			if seen = equal(t.Text, "pragma"); !seen && !isExplain(t.Text) {
				return PragmaText{}, false
			}
		case !named:
			found.Name, named = strings.ToLower(t.Name()), true
		case t.Text == ".":
			found.Schema, named = found.Name, false
		default:
			found.Sets = t.Text == "=" || t.Text == "("
			return found, true
		}
	}
	return found, named
}

func isExplain(text string) bool {
	return equal(text, "explain") || equal(text, "query") || equal(text, "plan")
}
