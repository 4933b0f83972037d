package doctor

import (
	"context"
	"database/sql"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/duolite/duolite/cmd/duolite/internal/catalog"
	"github.com/duolite/duolite/cmd/duolite/internal/migrations"
	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/internal/sqltext"
)

// schema compares the database's schema with the one that the applied migrations make. goose keeps no hash of a
// file, so an object that differs shows that a file was edited after it was applied, or that the schema was changed
// without a migration.
func (x *examination) schema(ctx context.Context) error {
	if x.Migrations == nil {
		return skip("there is no folder schema or migrations here; name it with --dir")
	}
	all, err := db.MigrationStatus(ctx, x.Pool, x.Migrations)
	if err != nil {
		return err
	}
	var applied []string
	for _, m := range all {
		if m.Applied {
			applied = append(applied, m.Name)
		}
	}
	if len(applied) == 0 {
		return skip("no migration is applied")
	}
	want, err := schemaOf(ctx, migrations.Only(x.Migrations, applied))
	if err != nil {
		return skip("the migrations can't be applied to a database in memory: " + err.Error())
	}
	have, err := readObjects(ctx, x.Pool)
	if err != nil {
		return err
	}
	x.compareSchemas(have, want)
	return nil
}

// schemaOf returns the objects that migrations make in an empty database.
func schemaOf(ctx context.Context, files fs.FS) (map[string]object, error) {
	pool, err := db.Open(ctx, ":memory:", db.WithDoubleQuotedStrings())
	if err != nil {
		return nil, err
	}
	defer pool.Close()
	if _, err := db.Migrate(ctx, pool, files); err != nil {
		return nil, err
	}
	return readObjects(ctx, pool)
}

// An object is a table, an index, a view or a trigger.
type object struct {
	kind, name, table string
	tokens            []sqltext.Token // of its statement, without white space and comments
}

// readObjects reads the objects of the schema, by kind and name. It leaves out the ones of SQLite, goose, libSQL and Litestream,
// and the tables in which virtual tables keep their rows.
func readObjects(ctx context.Context, pool *sql.DB) (map[string]object, error) {
	objects := map[string]object{}
	const query = `SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_master
		WHERE substr(name, 1, 7) NOT IN ('sqlite_', 'libsql_') AND substr(tbl_name, 1, 7) <> 'libsql_' AND tbl_name NOT IN ('goose_db_version', 'schema_migrations')
			AND substr(name, 1, 12) <> '_litestream_'
			AND tbl_name NOT IN (SELECT name FROM pragma_table_list WHERE type = 'shadow')`
	err := catalog.Each(ctx, pool, query, func(scan func(...any) error) error {
		var o object
		var text string
		err := scan(&o.kind, &o.name, &o.table, &text)
		o.tokens = slices.Collect(sqltext.CodeTokens(text))
		objects[o.kind+" "+strings.ToLower(o.name)] = o
		return err
	})
	return objects, err
}

// sameToken reports whether two tokens mean the same. Quotes make no difference, as SQLite takes a string in double quotes, and a name
// in single quotes. The case makes a difference in strings.
func sameToken(a, b sqltext.Token) bool {
	if a.Text[0] == '\'' || b.Text[0] == '\'' {
		return sqltext.Unquote(a.Text) == sqltext.Unquote(b.Text)
	}
	return strings.EqualFold(sqltext.Unquote(a.Text), sqltext.Unquote(b.Text))
}

const edited = "a migration was edited after it was applied, or the schema was changed by hand: write a new migration that makes the change"

func (x *examination) compareSchemas(have, want map[string]object) {
	for _, key := range slices.Sorted(maps.Keys(want)) {
		o := want[key]
		switch there, ok := have[key]; {
		case !ok && (o.kind == "table" || has(have, "table", o.table) || o.kind == "view"):
			x.found(Warning, o.name, edited, "the %s is made by the applied migrations, and the database doesn't have it", o.kind)
		case ok && !slices.EqualFunc(there.tokens, o.tokens, sameToken):
			x.found(Warning, o.name, edited, "the %s differs from the one that the applied migrations make: %s", o.kind, difference(there.tokens, o.tokens))
		}
	}
	for _, key := range slices.Sorted(maps.Keys(have)) {
		if o := have[key]; !hasKey(want, key) && (o.kind == "table" || has(want, "table", o.table) || o.kind == "view") {
			x.found(Warning, o.name, "write a migration that makes it, or drop it", "no applied migration makes the %s", o.kind)
		}
	}
}

func hasKey(objects map[string]object, key string) bool {
	_, ok := objects[key]
	return ok
}

func has(objects map[string]object, kind, name string) bool {
	return hasKey(objects, kind+" "+strings.ToLower(name))
}

// difference returns the tokens around the first difference of two statements.
func difference(have, want []sqltext.Token) string {
	at := 0
	for at < len(have) && at < len(want) && sameToken(have[at], want[at]) {
		at++
	}
	return "it has " + around(have, at) + ", and they " + around(want, at)
}

// around returns a few tokens from one before at.
func around(tokens []sqltext.Token, at int) string {
	from, to := max(0, at-1), min(len(tokens), at+4)
	var words []string
	for _, t := range tokens[from:to] {
		words = append(words, t.Text)
	}
	if to < len(tokens) {
		words = append(words, "…")
	}
	return "'" + strings.Join(words, " ") + "'"
}
