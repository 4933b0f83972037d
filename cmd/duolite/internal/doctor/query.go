package doctor

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/duolite/duolite/internal/sqltext"
)

// A Query is a query of the project.
type Query struct {
	Name string
	File string
	Line int
	// Statement is the query as SQLite compiles it, without sqlc's macros.
	Statement sqltext.Statement
}

// ReadQueries reads the queries with a name in files of SQL.
func ReadQueries(files []string) (queries []Query, err error) {
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		text := string(bytes.TrimPrefix(data, []byte("\ufeff")))
		for at, s := range sqltext.Statements(text) {
			name, line := nameOf(s.Text)
			if name == "" {
				continue
			}
			line += 1 + strings.Count(text[:at], "\n")
			if plain := sqltext.Split(withoutMacros(s.Text)); len(plain) == 1 {
				queries = append(queries, Query{name, filepath.ToSlash(file), line, plain[0]})
			}
		}
	}
	return queries, nil
}

// nameOf returns the name in the comment "-- name: NAME :many", and the number of lines before it.
func nameOf(text string) (name string, line int) {
	for i, line := range strings.Split(text, "\n") {
		words := strings.Fields(strings.TrimLeft(line, "-/* "))
		if len(words) >= 3 && words[0] == "name:" && (strings.HasPrefix(line, "--") || strings.HasPrefix(line, "/*")) {
			return words[1], i
		}
	}
	return "", 0
}

// withoutMacros replaces sqlc's macros: sqlc.arg(name), sqlc.narg(name) and sqlc.slice(name) by :name, and
// sqlc.embed(table) by table.*.
func withoutMacros(text string) string {
	tokens := slices.Collect(sqltext.CodeTokens(text))
	var b strings.Builder
	at := 0
	for i := 0; i+3 < len(tokens); i++ {
		if !strings.EqualFold(tokens[i].Text, "sqlc") || tokens[i+1].Text != "." || tokens[i+3].Text != "(" {
			continue
		}
		name, depth := i+4, 1
		for name < len(tokens) && tokens[name].Text == "(" {
			name, depth = name+1, depth+1
		}
		end := name + depth // the last closing parenthesis
		if end >= len(tokens) || tokens[end].Text != ")" {
			continue
		}
		b.WriteString(text[at:tokens[i].Offset])
		at = tokens[end].Offset + 1
		word := strings.Trim(tokens[name].Text, `'"`)
		if strings.EqualFold(tokens[i+2].Text, "embed") {
			b.WriteString(word + ".*")
		} else {
			b.WriteString(":" + word)
		}
	}
	return b.String() + text[at:]
}
