package gen

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"github.com/duolite/duolite/internal/sqltext"
)

// A schemaCopy leaves triggers and views that sqlc can't read out of the copies of the schema that sqlc reads. One of them would
// hide all tables, and sqlc makes no code of triggers, and of views only if a query names them. The gate reads them in any case.
type schemaCopy struct {
	w *workspace
	// run runs sqlc with the schema alone.
	run  func() ([]string, error)
	left bool // some are left out already
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
func (s *schemaCopy) lessen(lines []string, stderr io.Writer) (done bool, err error) {
	if s.left || !s.refuses(lines) {
		return false, nil
	}
	s.left = true
	whole := map[string]string{}
	for path := range s.w.schema {
		text, err := os.ReadFile(path)
		if err != nil {
			return false, err
		}
		whole[path] = string(text)
	}
	if err := s.write(whole, func(kind, _ string) bool { return kind == "TRIGGER" || kind == "VIEW" }); err != nil {
		return false, err
	}
	if again, err := s.run(); err != nil || s.refuses(again) {
		restored := s.write(whole, func(string, string) bool { return false })
		return false, errors.Join(err, restored)
	}
	return true, s.addViews(whole, stderr)
}

// addViews adds the views that sqlc can read, in their order.
func (s *schemaCopy) addViews(whole map[string]string, stderr io.Writer) error {
	var readable []string // statements
	for _, view := range viewsOf(whole) {
		err := s.write(whole, func(kind, text string) bool {
			return kind == "TRIGGER" || kind == "VIEW" && text != view && !slices.Contains(readable, text)
		})
		if err != nil {
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
	return s.write(whole, func(kind, text string) bool {
		return kind == "TRIGGER" || kind == "VIEW" && !slices.Contains(readable, text)
	})
}

// refuses reports whether a line of sqlc is about a file of the schema.
func (s *schemaCopy) refuses(lines []string) bool {
	var all findings
	all.addLines(lines...)
	return slices.ContainsFunc(all, func(one finding) bool {
		for _, file := range s.w.schema {
			if one.file == shown(file) {
				return true
			}
		}
		return false
	})
}

// write writes the files, with blanks in place of the triggers and views that are out.
func (s *schemaCopy) write(texts map[string]string, isOut func(kind, text string) bool) error {
	for path, text := range texts {
		var b strings.Builder
		at := 0
		for _, statement := range sqltext.Split(text) {
			begin := at + strings.Index(text[at:], statement.Text)
			b.WriteString(text[at:begin])
			at = begin + len(statement.Text)
			if kind := createdKind(statement.Text); kind != "" && isOut(kind, statement.Text) {
				b.WriteString(strings.Map(blankRune, statement.Text))
				at += len(";") * strings.Count(text[at:min(at+1, len(text))], ";") // sqlc takes no empty statement
				continue
			}
			b.WriteString(statement.Text)
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

// createdKind returns TRIGGER or VIEW for a statement that makes one, or "".
func createdKind(text string) string {
	n := 0
	for t := range sqltext.Tokens(text) {
		if t.Kind == sqltext.Space || t.Kind == sqltext.Comment {
			continue
		}
		switch word := strings.ToUpper(t.Text); {
		case n == 0 && word != "CREATE":
			return ""
		case word == "VIEW" || word == "TRIGGER":
			return word
		case n > 0 && word != "TEMP" && word != "TEMPORARY":
			return ""
		}
		n++
	}
	return ""
}

// viewName returns the name in a statement that makes a view.
func viewName(text string) string {
	for t := range sqltext.Tokens(text) {
		if t.Kind != sqltext.Space && t.Kind != sqltext.Comment && !slices.Contains(beforeName, strings.ToUpper(t.Text)) {
			return t.Text
		}
	}
	return ""
}

var beforeName = strings.Fields("CREATE TEMP TEMPORARY VIEW IF NOT EXISTS")

// blankRune keeps line ends, so that everything else has its place.
func blankRune(r rune) rune {
	if r == '\n' || r == '\r' || unicode.IsSpace(r) {
		return r
	}
	return ' '
}
