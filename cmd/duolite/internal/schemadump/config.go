package schemadump

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/duolite/duolite/internal/sqltext"
	"go.yaml.in/yaml/v3"
)

// configHead is the beginning of sqlc's configuration; the settings that depend on the schema follow.
const configHead = `# "duolite gen" turns schema/ and queries/ into the Go package dbsqlc.
version: "2"
sql:
  - engine: sqlite
    schema: schema
    queries: queries
    gen:
      go:
        package: dbsqlc
        # This folder has generated files only.
        out: dbsqlc
        # A :many without rows is an empty list, which is [] in JSON, not null.
        emit_empty_slices: true
        # NULL is a nil pointer.
        emit_pointers_for_null_types: true
        # Each method's comment has its SQL.
        emit_sql_as_comment: true
        # Rows in JSON have the names of their columns.
        emit_json_tags: true
        omit_unused_structs: true
`

// config returns sqlc's configuration. The Go types are by the declared types, in the spelling of the schema: sqlc compares
// them with case.
func (s *Schema) config() (string, error) {
	settings := map[string]any{"initialisms": initialisms}
	if len(s.renames) > 0 {
		settings["rename"] = s.renames
	}
	if len(s.exact) > 0 {
		settings["inflection_exclude_table_names"] = s.exact
	}
	if overrides := s.overrides(); len(overrides) > 0 {
		settings["overrides"] = overrides
	}
	var b strings.Builder
	b.WriteString(configHead)
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		text, err := yaml.Marshal(map[string]any{name: settings[name]})
		if err != nil {
			return "", err
		}
		for line := range strings.Lines(string(text)) {
			b.WriteString("        " + line)
		}
	}
	return b.String(), nil
}

// An override is an entry of sqlc's setting of that name.
type override struct {
	DBType   string `yaml:"db_type,omitempty"`
	Column   string `yaml:"column,omitempty"`
	Nullable bool   `yaml:"nullable,omitempty"`
	GoType   struct {
		Import  string `yaml:"import,omitempty"`
		Type    string `yaml:"type"`
		Pointer bool   `yaml:"pointer,omitempty"`
	} `yaml:"go_type,flow"`
}

func newOverride(g goType, nullable bool) override {
	o := override{Nullable: nullable}
	o.GoType.Import, o.GoType.Type, o.GoType.Pointer = g.importPath, g.name, nullable && g.isPointer()
	return o
}

// overrides returns an override for each declared type whose columns all need the same Go type, and for each other column that
// needs one.
func (s *Schema) overrides() (all []override) {
	byType := s.goTypes()
	for _, declared := range slices.Sorted(maps.Keys(byType)) {
		_, known := kindOf(declared) // otherwise the type without an override is any
		if g := byType[declared]; declared != "" && len(g) == 1 && g[0] != sqlcsChoice && (g[0] != anyType || known) {
			for _, nullable := range []bool{false, true} {
				o := newOverride(g[0], nullable)
				o.DBType = declared
				all = append(all, o)
			}
		}
	}
	for _, t := range s.tables {
		for _, c := range t.columns {
			g, own := s.ownType(t, c, byType)
			if !own {
				continue
			}
			o := newOverride(g, !c.NotNull && !slices.Contains(s.notNullKey(t), c))
			o.Nullable = false // the override is for the column, whether it is nullable or not
			o.Column = fmt.Sprintf("%s.%s", sqlcName(t.sql), sqlcName(c.sql))
			all = append(all, o)
		}
	}
	return all
}

// goTypes returns the Go types of the columns of each declared type.
func (s *Schema) goTypes() map[string][]goType {
	byType := map[string][]goType{}
	for _, t := range s.tables {
		for _, c := range t.columns {
			if g := c.goType(); !slices.Contains(byType[c.sqlcType()], g) {
				byType[c.sqlcType()] = append(byType[c.sqlcType()], g)
			}
		}
	}
	return byType
}

// ownType returns the Go type of a column that has an override of its own.
func (s *Schema) ownType(t *table, c *column, byType map[string][]goType) (g goType, own bool) {
	g = c.goType()
	kind, known := c.kind()
	isKey := slices.Contains(s.notNullKey(t), c)
	if g == sqlcsChoice && isKey {
		g = explicit[kind]
	}
	byDeclared := !isKey && len(byType[c.sqlcType()]) == 1 && c.Type != ""
	return g, !byDeclared && g != sqlcsChoice && (g != anyType || known)
}

// notNullKey returns the columns of a key that sqlc takes for nullable, and that aren't: it doesn't read PRIMARY KEY (id).
func (s *Schema) notNullKey(t *table) []*column {
	words := slices.Collect(sqltext.CodeTokens(s.textOf(t)))
	for i := range words {
		if i > 1 && words[i].Text == "(" && strings.EqualFold(words[i-1].Text, "key") && strings.EqualFold(words[i-2].Text, "primary") &&
			(t.WithoutRowid || t.rowID() != nil) {
			return slices.DeleteFunc(t.key(), func(c *column) bool { return c.NotNull && !t.WithoutRowid })
		}
	}
	return nil
}
