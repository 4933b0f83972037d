package gen

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/duolite/duolite/internal/sqltext"
)

// A schemaCopy leaves views, triggers and the like that sqlc can't read out of the copies of the schema that sqlc reads. One of
// them would hide all tables, and sqlc makes nothing of them, except for a view that a query names. The gate reads them in any case.
type schemaCopy struct {
	w *workspace
	// run runs sqlc with the schema alone.
	run  func() ([]string, error)
	out  []string // the kinds of objects that are left out
	done bool
}

// newSchemaCopy writes a configuration that has the schema and one query, so that sqlc is fast.
func newSchemaCopy(ctx context.Context, s *sqlc, c *config, w *workspace) (*schemaCopy, error) {
	query := filepath.Join(w.temp, "schema", "query.sql")
	if err := writeFile(query, []byte("-- name: One :one\nSELECT 1;\n")); err != nil {
		return nil, err
	}
	fromConfig, err := filepath.Rel(w.inside(c.dir), query)
	if err != nil {
		return nil, err
	}
	var blocks []any
	for i, b := range c.ours() {
		code := map[string]any{"go": map[string]any{"out": fmt.Sprint("code", i), "package": "code"}}
		blocks = append(blocks, map[string]any{"engine": "sqlite", "schema": b.Schema, "queries": fromConfig, "gen": code})
	}
	text, err := json.Marshal(map[string]any{"version": "2", "sql": blocks})
	if err != nil {
		return nil, err
	}
	file := filepath.Join(c.dir, "duolite-schema.json")
	run := func() ([]string, error) { return s.verb(ctx, w, "compile", w.inside(file)) }
	return &schemaCopy{w: w, run: run}, w.write(file, text)
}

// lessen leaves them out if sqlc's lines are about the schema, and sqlc can then read it. It says on stderr which views are left
// out.
func (s *schemaCopy) lessen(lines []string, stderr io.Writer) (lessened bool, err error) {
	if s.done || !s.refuses(lines) {
		return false, nil
	}
	s.done = true
	whole := map[string]string{}
	for path := range s.w.schema {
		text, err := os.ReadFile(path)
		if err != nil {
			return false, err
		}
		whole[path] = string(text)
	}
	// Indexes are the last choice: a sqlc that prepares queries needs unique ones for ON CONFLICT.
	for _, s.out = range [][]string{{"TRIGGER", "VIRTUAL"}, {"TRIGGER", "VIRTUAL", "INDEX"}} {
		if err := s.write(whole, nil); err != nil {
			return false, err
		}
		if lines, err = s.run(); err != nil {
			return false, err
		}
		if !s.refuses(lines) {
			return true, s.addViews(whole, stderr)
		}
	}
	s.out = nil
	return false, s.write(whole, viewsOf(whole))
}

// addViews adds the views that sqlc can read, in their order.
func (s *schemaCopy) addViews(whole map[string]string, stderr io.Writer) error {
	var readable []string
	for _, view := range viewsOf(whole) {
		if err := s.write(whole, append(readable, view)); err != nil {
			return err
		}
		lines, err := s.run()
		if err != nil {
			return err
		}
		if !s.refuses(lines) {
			readable = append(readable, view)
			continue
		}
		fmt.Fprintf(stderr, "duolite: sqlc can't read the view %s, so queries can't use it: %s\n", viewName(view), lines[0])
	}
	return s.write(whole, readable)
}

// refuses reports whether a line of sqlc is about a file of the schema.
func (s *schemaCopy) refuses(lines []string) bool {
	all := linesFound(lines)
	for _, file := range s.w.schema {
		if slices.ContainsFunc(all, func(one finding) bool { return one.file == shown(file) }) {
			return true
		}
	}
	return false
}

// write writes the files, with blanks in place of the objects that are out. views are the statements of the views that stay.
func (s *schemaCopy) write(texts map[string]string, views []string) error {
	for path, text := range texts {
		var b strings.Builder
		at := 0
		for begin, statement := range sqltext.Statements(text) {
			b.WriteString(text[at:begin])
			at = begin + len(statement.Text)
			kind := createdKind(statement.Text)
			if !slices.Contains(s.out, kind) && (kind != "VIEW" || slices.Contains(views, statement.Text)) {
				b.WriteString(statement.Text)
				continue
			}
			b.WriteString(blank.ReplaceAllString(statement.Text, " "))
			if strings.HasPrefix(text[at:], ";") { // sqlc takes no empty statement
				at++
			}
		}
		b.WriteString(text[at:])
		if err := os.WriteFile(path, []byte(b.String()), 0o666); err != nil {
			return err
		}
	}
	return nil
}

// viewsOf returns the statements that make views.
func viewsOf(texts map[string]string) (views []string) {
	for _, path := range slices.Sorted(maps.Keys(texts)) {
		for _, s := range sqltext.Split(texts[path]) {
			if createdKind(s.Text) == "VIEW" {
				views = append(views, s.Text)
			}
		}
	}
	return views
}

// createdKind returns the kind of the object that a statement makes, as its keyword: VIEW, TRIGGER, INDEX, TABLE, or VIRTUAL for a
// virtual table except one of fts5, of which sqlc knows the columns. For another statement it returns "".
func createdKind(text string) string {
	n, virtual := 0, false
	for t := range sqltext.CodeTokens(text) {
		switch word := strings.ToUpper(t.Text); {
		case n == 0 && word != "CREATE":
			return ""
		case word == "VIRTUAL":
			virtual = true
		case virtual && word == "FTS5":
			return "TABLE"
		case !virtual && slices.Contains(objectKinds, word):
			return word
		}
		n++
	}
	if virtual {
		return "VIRTUAL"
	}
	return ""
}

var objectKinds = strings.Fields("TABLE VIEW TRIGGER INDEX")

// viewName returns the name in a statement that makes a view.
func viewName(text string) string {
	for t := range sqltext.CodeTokens(text) {
		if !slices.Contains(beforeName, strings.ToUpper(t.Text)) {
			return t.Text
		}
	}
	return ""
}

var beforeName = strings.Fields("CREATE TEMP TEMPORARY VIEW IF NOT EXISTS")

// blank finds everything except white space: line ends stay, so that everything else has its place.
var blank = regexp.MustCompile(`\S`)
