package copydb

import (
	"cmp"
	"context"
	"crypto/sha256"
	"database/sql/driver"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/duolite/duolite/db/internal/engine"
)

// A schema is what a database has besides rows, without SQLite's own tables.
type schema struct {
	tables []*table // in the order in which they were made
	// objects are the indexes, views and triggers, in the same order.
	objects       []object
	userVersion   int64
	applicationID int64
	utf8          bool
	hasSequence   bool // there is sqlite_sequence
	unfinished    bool // there is markTable
}

// An object is an entry of sqlite_schema.
type object struct{ kind, name, table, sql string }

// on returns the SQL name of the table or view that the object is or belongs to. A temporary one of the same name isn't meant.
func (o object) on() string { return "main." + quoteName(o.table) }

func (o object) String() string { return fmt.Sprintf("the %s %q", o.kind, o.name) }

// A table is a table, a virtual table, or a shadow table, which a virtual table makes and uses, or which only has the name of one.
type table struct {
	object
	form    string   // "table", "virtual" or "shadow"
	columns []string // the columns that are stored, as SQL
	// implicit: the first column is the rowid, which isn't a column of the table's own.
	implicit bool
	defaults bool  // a column has an expression as its default
	keys     []key // by which rows are ordered
}

// A key is a part of the key of a table.
type key struct {
	column    int // its index in table.columns
	collation string
	desc      bool
}

// stores reports whether the rows of the table are copied.
func (t *table) stores() bool { return t.form != "virtual" }

// create returns the statement that makes the table. A shadow table exists then, unless the table only has the name of one, such as
// the table behind a full-text search with external content.
func (t *table) create() string {
	if t.form == "shadow" {
		return "CREATE TABLE IF NOT EXISTS" + strings.TrimPrefix(t.sql, "CREATE TABLE")
	}
	return t.sql
}

// inOrder returns the tables in an order in which they can be made. A shadow table is made by its virtual table, before which it comes
// after a VACUUM.
func (s *schema) inOrder() []*table {
	rank := func(t *table) int { return slices.Index([]string{"table", "virtual", "shadow"}, t.form) }
	return slices.SortedStableFunc(slices.Values(s.tables), func(a, b *table) int { return cmp.Compare(rank(a), rank(b)) })
}

func (s *schema) empty() bool { return len(s.tables) == 0 && len(s.objects) == 0 }

// differs returns the first object that isn't in both schemas.
func (s *schema) differs(other *schema) (object, bool) {
	ours, theirs := s.all(), other.all()
	for _, o := range theirs {
		if !slices.Contains(ours, o) {
			return o, true
		}
	}
	for _, o := range ours {
		if !slices.Contains(theirs, o) {
			return o, true
		}
	}
	return object{}, false
}

// all returns all objects, to be compared.
func (s *schema) all() []object {
	var all []object
	for _, t := range s.tables {
		o := t.object
		if t.form == "shadow" {
			o.sql = "" // which depends on the version of SQLite
		}
		all = append(all, o)
	}
	return append(all, s.objects...)
}

// hash returns a hash of all objects.
func (s *schema) hash() string {
	sum := sha256.New()
	for _, o := range s.all() {
		fmt.Fprintf(sum, "%q %q %q %q\n", o.kind, o.name, o.table, o.sql)
	}
	return hex.EncodeToString(sum.Sum(nil))
}

const (
	// objectsQuery materializes the list of tables: SQLite would make it anew for each object.
	objectsQuery = `WITH forms AS MATERIALIZED (SELECT name AS of, type AS form FROM pragma_table_list WHERE schema = 'main')
		SELECT type, name, tbl_name, coalesce(sql, ''), coalesce(form, '') FROM sqlite_schema LEFT JOIN forms ON of = name AND type = 'table' ORDER BY sqlite_schema.rowid`
	settingsQuery = `SELECT (SELECT user_version FROM pragma_user_version), (SELECT application_id FROM pragma_application_id), (SELECT encoding FROM pragma_encoding)`
)

func readSchema(ctx context.Context, c engine.Conn) (*schema, error) {
	s := &schema{}
	err := engine.Query(ctx, c, objectsQuery, nil, func(row []driver.Value) error {
		o := object{text(row[0]), text(row[1]), text(row[2]), text(row[3])}
		s.add(o, text(row[4]))
		return nil
	})
	if err != nil {
		return nil, err
	}
	err = engine.Query(ctx, c, settingsQuery, nil, func(row []driver.Value) error {
		s.userVersion, _ = row[0].(int64)
		s.applicationID, _ = row[1].(int64)
		s.utf8 = text(row[2]) == "UTF-8"
		return nil
	})
	if err != nil {
		return nil, err
	}
	s.findShadows()
	return s, s.readColumns(ctx, c)
}

// findShadows finds shadow tables that SQLite doesn't know as such, by their names: a module need not say which it makes, and vec0
// doesn't say it of each.
func (s *schema) findShadows() {
	for _, t := range s.tables {
		if t.form == "table" && slices.ContainsFunc(s.tables, func(v *table) bool { return v.form == "virtual" && strings.HasPrefix(t.name, v.name+"_") }) {
			t.form = "shadow"
		}
	}
}

func (s *schema) add(o object, form string) {
	switch {
	case strings.EqualFold(o.name, markTable):
		s.unfinished = true
	case o.name == "sqlite_sequence":
		s.hasSequence = true
	case strings.HasPrefix(o.name, "sqlite_"): // statistics of ANALYZE, and the indexes of constraints
	case o.kind == "table":
		s.tables = append(s.tables, &table{object: o, form: form})
	default:
		s.objects = append(s.objects, o)
	}
}

func text(v driver.Value) string {
	s, _ := v.(string)
	return s
}
