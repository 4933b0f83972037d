package schemadump

import (
	"strings"

	"github.com/duolite/duolite/internal/sqltext"
)

// Script returns the statements that make the schema, as the database has them.
func (s *Schema) Script() string {
	var b strings.Builder
	for _, o := range s.Objects {
		b.WriteString(terminated(o.SQL))
	}
	return b.String()
}

// Migration returns a migration that makes the schema, in goose's form. It changes nothing in the database that the schema is
// from, and so has no Down section: that would drop tables there that the migration hasn't made. Names in tables and views are
// written as sqlc can compare them.
func (s *Schema) Migration(from string) string {
	var b strings.Builder
	b.WriteString("-- The schema of " + from + ", written by duolite schema. In that database this migration\n" +
		"-- changes nothing, because of IF NOT EXISTS. It has no Down section, which would drop that database's tables.\n\n-- +goose Up\n")
	for i, o := range s.Objects {
		if i > 0 && o.Type != "index" {
			b.WriteString("\n")
		}
		text := o.SQL
		if o.form != "virtual" && (o.Type == "table" || o.Type == "view") {
			text = forSQLC(text)
		}
		text = terminated(ifNotExists(text))
		if strings.Count(text, ";") > 1 { // otherwise goose ends the statement at the first line with one at its end
			text = "-- +goose StatementBegin\n" + text + "-- +goose StatementEnd\n"
		}
		b.WriteString(text)
	}
	return b.String()
}

// terminated ends a statement with a semicolon, which isn't in a comment.
func terminated(text string) string {
	var last sqltext.Token
	for t := range sqltext.Tokens(text) {
		last = t
	}
	if last.Kind == sqltext.Comment && strings.HasPrefix(last.Text, "--") {
		text += "\n"
	}
	return text + ";\n"
}

// ifNotExists adds IF NOT EXISTS to a statement in the form in which SQLite stores it.
func ifNotExists(text string) string {
	for _, verb := range []string{"CREATE TABLE ", "CREATE VIRTUAL TABLE ", "CREATE INDEX ", "CREATE UNIQUE INDEX ", "CREATE VIEW ", "CREATE TRIGGER "} {
		if rest, ok := strings.CutPrefix(text, verb); ok {
			return verb + "IF NOT EXISTS " + rest
		}
	}
	return text
}
