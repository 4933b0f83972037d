package schemadump

import (
	"fmt"
	"slices"
	"strings"

	"github.com/duolite/duolite/internal/sqltext"
)

// bookkeeping lists the tables in which tools keep their state, in lower case.
var bookkeeping = map[string]string{
	"goose_db_version":           "goose",
	"schema_migrations":          "a tool for migrations",
	"ar_internal_metadata":       "Rails",
	"atlas_schema_revisions":     "Atlas",
	"alembic_version":            "Alembic",
	"flyway_schema_history":      "Flyway",
	"gorp_migrations":            "sql-migrate",
	"knex_migrations":            "Knex",
	"knex_migrations_lock":       "Knex",
	"kysely_migration":           "Kysely",
	"kysely_migration_lock":      "Kysely",
	"refinery_schema_history":    "refinery",
	"d1_migrations":              "D1",
	"_cf_kv":                     "D1",
	"_cf_metadata":               "D1",
	"_prisma_migrations":         "Prisma",
	"_sqlx_migrations":           "sqlx",
	"__diesel_schema_migrations": "Diesel",
	"__drizzle_migrations":       "Drizzle",
	"__efmigrationshistory":      "Entity Framework",
	"__efmigrationslock":         "Entity Framework",
	"duolite_copy":               "an unfinished duolite copy",
}

// toolOf returns the tool that a table belongs to, or "". name is in lower case.
func toolOf(name string) string {
	switch {
	case strings.HasPrefix(name, "_litestream_"):
		return "Litestream"
	case strings.HasPrefix(name, "libsql_"):
		return "libSQL"
	}
	return bookkeeping[name]
}

// leaveOut returns the objects that a new database needs statements for, and notes the tables of tools.
func (s *Schema) leaveOut(all []Object, modules []string) []Object {
	internal := internalTables(all, modules)
	out := map[string]bool{} // tables, in lower case
	for _, o := range all {
		name := strings.ToLower(o.Name)
		tool := toolOf(name)
		switch {
		case o.Type != "table":
		case strings.HasPrefix(name, "sqlite_"), internal[name]:
			out[name] = true
		case tool != "":
			out[name] = true
			s.ofTools = append(s.ofTools, name)
			s.LeftOut = append(s.LeftOut, fmt.Sprintf("%s (%s)", o.Name, tool))
		}
	}
	return slices.DeleteFunc(all, func(o Object) bool {
		// The indexes of constraints have no SQL.
		return o.SQL == "" || out[strings.ToLower(o.Table)] && o.Type != "view"
	})
}

// internalTables returns the tables that virtual tables and indexes of libSQL make for themselves, in lower case. modules are the
// modules that SQLite has.
func internalTables(all []Object, modules []string) map[string]bool {
	internal := map[string]bool{"libsql_vector_meta_shadow": true}
	for _, o := range all {
		switch {
		case o.form == "shadow":
			internal[strings.ToLower(o.Name)] = true
		case o.Type == "index" && strings.Contains(strings.ToLower(o.SQL), "libsql_vector_idx"):
			internal[strings.ToLower(o.Name)+"_shadow"] = true
		}
	}
	// If SQLite doesn't have a module, it doesn't know the tables of the module either.
	for _, virtual := range all {
		if virtual.form != "virtual" || slices.Contains(modules, module(virtual.SQL)) {
			continue
		}
		for _, o := range all {
			if o.form == "table" && strings.HasPrefix(strings.ToLower(o.Name), strings.ToLower(virtual.Name)+"_") {
				internal[strings.ToLower(o.Name)] = true
			}
		}
	}
	return internal
}

// module returns the module of a virtual table, in lower case.
func module(text string) string {
	words := slices.Collect(sqltext.CodeTokens(text))
	for i, t := range words {
		if strings.EqualFold(t.Text, "using") && i+1 < len(words) {
			return strings.ToLower(sqltext.Unquote(words[i+1].Text))
		}
	}
	return ""
}
