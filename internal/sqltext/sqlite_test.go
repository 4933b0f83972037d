package sqltext

import (
	"math/rand/v2"
	"strings"
	"testing"
	"unsafe"

	"github.com/google/go-cmp/cmp"
	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// A sqlite is a connection to SQLite by its C interface, which says more of a
// statement than the driver does: above all, where it ends.
type sqlite struct {
	tls *libc.TLS
	db  uintptr
	out uintptr // memory for two pointers
}

func openSQLite(t testing.TB, schema string) *sqlite {
	t.Helper()
	tls := libc.NewTLS()
	s := &sqlite{tls: tls, out: libc.Xcalloc(tls, 2, libc.Tsize_t(unsafe.Sizeof(uintptr(0))))}
	name := s.cString(":memory:")
	defer libc.Xfree(tls, name)
	rc := sqlite3.Xsqlite3_open(tls, name, s.out)
	s.db = pointerAt(s.out)
	t.Cleanup(func() {
		if rc := sqlite3.Xsqlite3_close(tls, s.db); rc != sqlite3.SQLITE_OK {
			t.Errorf("close: error %d", rc)
		}
		libc.Xfree(tls, s.out)
		tls.Close()
	})
	if rc != sqlite3.SQLITE_OK {
		t.Fatalf("open: error %d", rc)
	}
	for _, statement := range Split(schema) {
		if _, err := s.run(statement.Text); err != "" {
			t.Fatalf("%s: %s", statement.Text, err)
		}
	}
	return s
}

func (s *sqlite) cString(text string) uintptr {
	c, err := libc.CString(text)
	if err != nil {
		panic(err)
	}
	return c
}

// pointerAt returns the pointer that is at p.
func pointerAt(p uintptr) uintptr { return **(**uintptr)(unsafe.Pointer(&p)) }

// A compiled is what SQLite says of the first statement of a text.
type compiled struct {
	err      string // or "" if it compiles
	empty    bool   // there is no statement
	end      int    // where the next one begins
	params   []string
	readonly bool
	explain  bool
}

func (s *sqlite) compile(text string) compiled {
	c := s.cString(text)
	defer libc.Xfree(s.tls, c)
	rc := sqlite3.Xsqlite3_prepare_v2(s.tls, s.db, c, -1, s.out, s.out+unsafe.Sizeof(c))
	if rc != sqlite3.SQLITE_OK {
		return compiled{err: libc.GoString(sqlite3.Xsqlite3_errmsg(s.tls, s.db))}
	}
	stmt, tail := pointerAt(s.out), pointerAt(s.out+unsafe.Sizeof(c))
	defer sqlite3.Xsqlite3_finalize(s.tls, stmt)
	got := compiled{
		empty:    stmt == 0,
		end:      int(tail - c),
		readonly: sqlite3.Xsqlite3_stmt_readonly(s.tls, stmt) != 0,
		explain:  sqlite3.Xsqlite3_stmt_isexplain(s.tls, stmt) != 0,
	}
	for i := range sqlite3.Xsqlite3_bind_parameter_count(s.tls, stmt) {
		got.params = append(got.params, libc.GoString(sqlite3.Xsqlite3_bind_parameter_name(s.tls, stmt, i+1)))
	}
	return got
}

// run runs a statement and returns its rows as text.
func (s *sqlite) run(text string) (rows []string, err string) {
	c := s.cString(text)
	defer libc.Xfree(s.tls, c)
	if rc := sqlite3.Xsqlite3_prepare_v2(s.tls, s.db, c, -1, s.out, 0); rc != sqlite3.SQLITE_OK {
		return nil, libc.GoString(sqlite3.Xsqlite3_errmsg(s.tls, s.db))
	}
	stmt := pointerAt(s.out)
	defer sqlite3.Xsqlite3_finalize(s.tls, stmt)
	for {
		rc := sqlite3.Xsqlite3_step(s.tls, stmt)
		if rc == sqlite3.SQLITE_DONE {
			return rows, ""
		}
		if rc != sqlite3.SQLITE_ROW {
			return rows, libc.GoString(sqlite3.Xsqlite3_errmsg(s.tls, s.db))
		}
		var row []string
		for i := range sqlite3.Xsqlite3_column_count(s.tls, stmt) {
			row = append(row, libc.GoString(sqlite3.Xsqlite3_column_text(s.tls, stmt, i)))
		}
		rows = append(rows, strings.Join(row, "|"))
	}
}

const testSchema = `
	CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT UNIQUE, c DEFAULT 1);
	CREATE TABLE u (a REFERENCES t, b, "do", [update]);
	CREATE INDEX i ON u (a);
	CREATE VIEW v AS SELECT a, b FROM t;
	CREATE TRIGGER r INSTEAD OF INSERT ON v BEGIN INSERT INTO t (b) VALUES (new.b); END;
	INSERT INTO t (b) VALUES ('x'), ('y');
	INSERT INTO u VALUES (1, 2, 3, 4);
`

// compare checks the first statement of a text against what SQLite makes of it, and
// reports whether it compiles.
func compare(t testing.TB, s *sqlite, text string) bool {
	t.Helper()
	want, statements := s.compile(text), Split(text)
	if want.err == "" && want.empty {
		if len(statements) != 0 {
			t.Errorf("%q: SQLite finds no statement, Split %+v", text, statements)
		}
		return false
	}
	if len(statements) == 0 {
		t.Fatalf("%q: Split finds no statement, SQLite %+v", text, want)
	}
	first := statements[0]
	alone := s.compile(first.Text)
	if want.err != "" {
		if alone.err == "" {
			t.Errorf("%q doesn't compile (%s), but %q does", text, want.err, first.Text)
		}
		return false
	}
	end := offset(text, first.Text) + len(first.Text)
	if gap := strings.TrimLeft(text[end:want.end], " \t\n\v\f\r\uFEFF"); strings.HasPrefix(gap, "/*") && isOpen(gap) {
		end = want.end // which Split leaves out
	}
	if want.end < end || want.end < len(text) && text[want.end-1] != ';' ||
		strings.Trim(text[end:want.end], " \t\n\v\f\r\uFEFF;") != "" || strings.Count(text[end:want.end], ";") > 1 {
		t.Errorf("%q: the first statement is %q, and ends at %d; want %d", text, first.Text, end, want.end)
	}
	if diff := cmp.Diff(want.params, first.Params); diff != "" {
		t.Errorf("%q: parameters (-want +got):\n%s", text, diff)
	}
	want.end = alone.end // of another text
	if diff := cmp.Diff(want, alone, cmp.AllowUnexported(compiled{})); diff != "" {
		t.Errorf("%q and its first statement %q differ to SQLite:\n%s", text, first.Text, diff)
	}
	compareKind(t, want, first)
	return true
}

func compareKind(t testing.TB, want compiled, s Statement) {
	t.Helper()
	if want.explain {
		if s.Kind != Read && s.Kind != Pragma && s.Kind != Outside || s.Upsert {
			t.Errorf("%q is an EXPLAIN, but %+v", s.Text, s)
		}
		return
	}
	switch s.Kind {
	case Read, BeginDeferred, Commit, Rollback, Savepoint:
		if !want.readonly {
			t.Errorf("%q writes, but is of kind %d", s.Text, s.Kind)
		}
	case Insert, Change, BeginWrite:
		if want.readonly {
			t.Errorf("%q doesn't write, but is of kind %d", s.Text, s.Kind)
		}
	}
	if s.Upsert && s.Kind != Insert {
		t.Errorf("%q is an upsert, but of kind %d", s.Text, s.Kind)
	}
}

// offset returns where part, which has to share the memory of text, is in it.
func offset(text, part string) int {
	return int(uintptr(unsafe.Pointer(unsafe.StringData(part))) - uintptr(unsafe.Pointer(unsafe.StringData(text))))
}

func TestLikeSQLite(t *testing.T) {
	s := openSQLite(t, testSchema)
	for _, text := range compiling {
		if !compare(t, s, text) {
			t.Errorf("%q doesn't compile: %s", text, s.compile(text).err)
		}
		compare(t, s, "; -- x ;\n;"+text+" /* ; */ ; SELECT 'next'")
		compare(t, s, "EXPLAIN QUERY PLAN "+text+" ;; SELECT 'next'")
	}
	for _, text := range failing {
		if compare(t, s, text) {
			t.Errorf("%q compiles", text)
		}
	}
}

// TestPragmas runs each of the list in a transaction and outside, which has to give
// the same rows and leave the same, or nothing after a rollback.
func TestPragmas(t *testing.T) {
	arguments := map[string][]string{
		"user_version": {" = 7"}, "application_id": {"(8)"}, "schema_version": {" = 9"}, "optimize": {"(0x10002)"},
		"table_info": {"(t)"}, "table_xinfo": {"(t)"}, "index_list": {"(u)"}, "index_info": {"(i)"},
		"index_xinfo": {"(i)"}, "foreign_key_list": {"(u)"}, "foreign_key_check": {"(u)"}, "table_list": {"(t)"},
	}
	for _, name := range pragmas {
		for _, argument := range append(arguments[name], "") {
			text := "PRAGMA " + name + argument
			plain := openSQLite(t, testSchema)
			want := mustRun(t, plain, text)
			left := settings(t, plain)
			for _, end := range []string{"COMMIT", "ROLLBACK"} {
				s := openSQLite(t, testSchema)
				if end == "ROLLBACK" {
					left = settings(t, s)
				}
				mustRun(t, s, "BEGIN")
				if diff := cmp.Diff(want, mustRun(t, s, text)); diff != "" {
					t.Errorf("%s gives other rows in a transaction:\n%s", text, diff)
				}
				mustRun(t, s, end)
				if diff := cmp.Diff(left, settings(t, s)); diff != "" {
					t.Errorf("%s leaves something else after %s:\n%s", text, end, diff)
				}
			}
		}
	}
}

// settings returns what a PRAGMA of the list could have changed.
func settings(t testing.TB, s *sqlite) (rows []string) {
	t.Helper()
	for _, name := range []string{"user_version", "application_id", "schema_version", "defer_foreign_keys", "page_count"} {
		rows = append(rows, mustRun(t, s, "PRAGMA "+name)...)
	}
	return rows
}

func mustRun(t testing.TB, s *sqlite, text string) []string {
	t.Helper()
	rows, err := s.run(text)
	if err != "" {
		t.Fatalf("%s: %s", text, err)
	}
	return rows
}

// TestNoise puts white space and comments between the tokens of texts, changes the
// case of their words, and compares all statements of what comes out.
func TestNoise(t *testing.T) {
	noise := []string{"", "", "", " ", "\n", "\t \v\f\r\n", "/**/", "/* ;'\" */", "-- ; [\n", "--\n", " \uFEFF"}
	random := rand.New(rand.NewPCG(1, 2))
	s := openSQLite(t, testSchema)
	compiled := 0
	for range 3000 {
		var text strings.Builder
		for range 1 + random.IntN(3) {
			for part := compiling[random.IntN(len(compiling))]; part != ""; {
				kind, n := nextToken(part)
				if kind == Word && random.IntN(2) == 0 {
					text.WriteString(strings.ToUpper(part[:n]))
				} else {
					text.WriteString(part[:n])
				}
				if random.IntN(4) == 0 {
					text.WriteString(noise[random.IntN(len(noise))])
				}
				part = part[n:]
			}
			text.WriteString("\n;")
		}
		checkCover(t, text.String())
		for rest := text.String(); compare(t, s, rest); compiled++ {
			rest = rest[s.compile(rest).end:]
		}
	}
	if compiled < 3000 {
		t.Errorf("only %d statements compiled", compiled)
	}
}
