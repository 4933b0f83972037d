package output

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// A row is a row that the tests print.
type row struct {
	ID    int      `json:"id"`
	Title string   `json:"title"`
	Tags  []string `json:"tags"`
	Last  *string  `json:"last"`
}

var columns = []Column[row]{
	{Name: "id", Right: true, Text: func(r row) string { return fmt.Sprint(r.ID) }},
	{Name: "title", Shrink: true, Text: func(r row) string { return r.Title }},
	{Name: "tags", Shrink: true, Text: func(r row) string { return strings.Join(r.Tags, ", ") }},
	{Name: "fixed", Text: func(row) string { return "2020-01-02" }},
}

// rowsText returns the output of rows. p has no writer.
func rowsText(t testing.TB, p Printer, rows []row) string {
	t.Helper()
	var b strings.Builder
	p.Writer = &b
	if err := Rows(p, columns, rows); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestTable(t *testing.T) {
	rows := []row{
		{ID: 1, Title: "One", Tags: []string{"a", "b"}},
		{ID: 234, Title: "日本語の文字", Tags: nil},
		{ID: 5, Title: "", Tags: []string{"a tag of many words"}},
	}
	const whole = `
 ID  TITLE         TAGS                 FIXED
  1  One           a, b                 2020-01-02
234  日本語の文字                       2020-01-02
  5                a tag of many words  2020-01-02
`
	for width, want := range map[int]string{
		0: whole, 50: whole,
		48: `
 ID  TITLE         TAGS               FIXED
  1  One           a, b               2020-01-02
234  日本語の文字                     2020-01-02
  5                a tag of many wo…  2020-01-02
`,
		40: `
 ID  TITLE       TAGS         FIXED
  1  One         a, b         2020-01-02
234  日本語の…                2020-01-02
  5              a tag of m…  2020-01-02
`,
		1: `
 ID  TITLE     TAGS      FIXED
  1  One       a, b      2020-01-02
234  日本語…             2020-01-02
  5            a tag o…  2020-01-02
`,
	} {
		if diff := cmp.Diff(want, "\n"+rowsText(t, Printer{Width: width}, rows)); diff != "" {
			t.Errorf("width %d (-want +got):\n%s", width, diff)
		}
	}
	if got := rowsText(t, Printer{}, nil); got != "" {
		t.Errorf("a table without rows is %q, want nothing", got)
	}
}

// hostile has texts that are difficult for terminals and for programs that count characters.
var hostile = []string{
	"", " ", "plain", strings.Repeat("long ", 100), strings.Repeat("x", 300),
	strings.Repeat("日本語", 40), strings.Repeat("한국어", 40), "ｆｕｌｌ ｗｉｄｔｈ",
	strings.Repeat("👩‍👩‍👧‍👦", 20), strings.Repeat("🏳️‍🌈 ", 20), strings.Repeat("🇩🇪", 30), "👍🏽 thumbs",
	strings.Repeat("e\u0301", 60), strings.Repeat("a\u200b", 60), "Z̸͎̈a̴̙l̷͙g̸̱o̵͖ text",
	"\x1b[31mred\x1b[0m", "\x1b]0;title\x07", "\x1b[2J\x1b[H", strings.Repeat("\x1b[1m", 50), "\x9b31m", "\u009b31m",
	"one\ntwo\r\nthree\vfour\ffive\u2028six\u2029seven\u0085eight", "tab\tulator", "\rback", "\b\b\b", "\x7f", "\x00",
	"\u202eright to left\u202c", "\u2066isolate\u2069", "\u200e\u200f\u061c marks", "invalid \xff\xfe UTF-8", "\ufeffBOM",
	MatchStart + "match" + MatchEnd + " and more", MatchStart + "never ended", "never begun" + MatchEnd,
	strings.Repeat(MatchStart+"match"+MatchEnd+" ", 40), MatchStart + strings.Repeat("日本語", 40) + MatchEnd,
	MatchStart + MatchStart + MatchEnd + MatchEnd,
}

// TestHostile shows hostile texts in every cell, in fields and in messages, on terminals of many
// widths.
func TestHostile(t *testing.T) {
	var rows []row
	for i, text := range hostile {
		rows = append(rows, row{ID: i, Title: text, Tags: []string{hostile[len(hostile)-1-i]}})
		checkLine(t, false, Line(text))
	}
	for _, color := range []bool{false, true} {
		for _, text := range hostile {
			var b strings.Builder
			if err := Record(Printer{Writer: &b, Format: Table, Color: color}, text, []Field{{"name", text}}); err != nil {
				t.Fatal(err)
			}
			for line := range strings.Lines(b.String()) {
				checkLine(t, color, strings.TrimSuffix(line, "\n"))
			}
		}
		for width := range 150 {
			lines := strings.Split(strings.TrimSuffix(rowsText(t, Printer{Width: width, Color: color}, rows), "\n"), "\n")
			if len(lines) != 1+len(rows) {
				t.Fatalf("width %d: %d lines for %d rows and a heading", width, len(lines), len(rows))
			}
			for i, line := range lines {
				const least = 2 + 8 + 8 + 10 + 3*gap // id, title, tags and the fixed column
				if n := shownWidth(withoutColor.Replace(line)); width > 0 && n > max(width, least) {
					t.Errorf("width %d: line %d has %d columns: %q", width, i, n, line)
				}
				if i > 0 && !strings.HasSuffix(line, "2020-01-02") {
					t.Errorf("width %d: line %d has lost its date: %q", width, i, line)
				}
				checkLine(t, color, line)
			}
		}
	}
}

var withoutColor = strings.NewReplacer("\x1b[0m", "", "\x1b[1m", "", "\x1b[2m", "")

// checkLine wants no character in a line that controls a terminal, except for the colours of this
// package, which end before the line does.
func checkLine(t *testing.T, color bool, line string) {
	t.Helper()
	if color {
		if i, j := strings.LastIndex(line, "\x1b[1m"), strings.LastIndex(line, "\x1b[0m"); i > j {
			t.Errorf("bold goes on after the line: %q", line)
		}
		line = withoutColor.Replace(line)
	}
	if i := strings.IndexFunc(line, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) }); i >= 0 || !utf8.ValidString(line) {
		t.Errorf("a control character, or no UTF-8: %q", line)
	}
}

// shownWidth returns at least the number of columns that any terminal needs: one that doesn't
// combine characters.
func shownWidth(s string) (n int) {
	for _, r := range s {
		switch {
		case unicode.In(r, unicode.Mn, unicode.Cf, unicode.Me):
		case r >= 0x1100 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul),
			r >= 0xff01 && r <= 0xff60, r >= 0x1f300 && r != '🏳':
			n += 2
		default:
			n++
		}
	}
	return n
}

func TestColor(t *testing.T) {
	rows := []row{{ID: 1, Title: "before " + MatchStart + "match" + MatchEnd + " after", Tags: []string{MatchStart + "a"}}}
	want := "\x1b[2mID\x1b[0m  \x1b[2mTITLE\x1b[0m               \x1b[2mTAGS\x1b[0m  \x1b[2mFIXED\x1b[0m\n" +
		" 1  before \x1b[1mmatch\x1b[0m after  \x1b[1ma\x1b[0m     2020-01-02\n"
	if diff := cmp.Diff(want, rowsText(t, Printer{Width: 60, Color: true}, rows)); diff != "" {
		t.Errorf("table (-want +got):\n%s", diff)
	}
	want = "ID  TITLE                 TAGS  FIXED\n 1  before [match] after  [a]   2020-01-02\n"
	if diff := cmp.Diff(want, rowsText(t, Printer{Width: 60}, rows)); diff != "" {
		t.Errorf("table without colour (-want +got):\n%s", diff)
	}
}

// TestFormats prints rows for programs: nothing is shortened or coloured.
func TestFormats(t *testing.T) {
	for format, want := range map[string]string{JSON: "[]\n", NDJSON: "", CSV: "id,title,tags,fixed\n"} {
		if got := rowsText(t, Printer{Format: format}, nil); got != want {
			t.Errorf("no rows in %s are %q, want %q", format, got, want)
		}
	}
	rows := []row{{ID: 1, Title: "<a> & \"b\"\n\x1b\u2028"}, {Tags: []string{strings.Repeat("long ", 50), MatchStart + "match" + MatchEnd}}}
	got := rowsText(t, Printer{Format: NDJSON, Width: 10, Color: true}, rows[:1])
	if want := `{"id":1,"title":"<a> & \"b\"\n\u001b\u2028","tags":null,"last":null}` + "\n"; got != want {
		t.Errorf("NDJSON is %s, want %s", got, want)
	}
	var again []row
	if err := json.Unmarshal([]byte(rowsText(t, Printer{Format: JSON}, rows)), &again); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(rows, again); diff != "" {
		t.Errorf("JSON (-want +got):\n%s", diff)
	}
	records, err := csv.NewReader(strings.NewReader(rowsText(t, Printer{Format: CSV, Width: 10, Color: true}, rows))).ReadAll()
	want := [][]string{
		{"id", "title", "tags", "fixed"}, {"1", rows[0].Title, "", "2020-01-02"},
		{"0", "", strings.Repeat("long ", 50) + ", match", "2020-01-02"},
	}
	if diff := cmp.Diff(want, records); err != nil || diff != "" {
		t.Errorf("%v, CSV (-want +got):\n%s", err, diff)
	}
}

func TestRecord(t *testing.T) {
	var b strings.Builder
	fields := []Field{
		{"id", "1"}, {"a longer name", "x"}, {"empty", ""},
		{"notes", "one\n  two\n\nfour\t!\n\n"}, {"match", MatchStart + "m" + MatchEnd},
	}
	err := Record(Printer{Writer: &b, Format: Table}, 5, fields)
	want := `id             1
a longer name  x
notes          one
                 two

               four !
match          [m]
`
	if diff := cmp.Diff(want, b.String()); err != nil || diff != "" {
		t.Errorf("%v, record (-want +got):\n%s", err, diff)
	}
	b.Reset()
	if err := Record(Printer{Writer: &b, Format: NDJSON}, 5, fields); err != nil || b.String() != "5\n" {
		t.Errorf("%v, NDJSON is %q", err, b.String())
	}
}

func TestNew(t *testing.T) {
	for columns, want := range map[string]int{"": 0, "40": 40, "0": 0, "-5": 0, "many": 0, "99999999999999999999": 0} {
		t.Setenv("COLUMNS", columns)
		if p := New(&bytes.Buffer{}, CSV); p.Width != want || p.Color || p.Format != CSV {
			t.Errorf("COLUMNS=%s: %+v, want the width %d", columns, p, want)
		}
	}
}

// TestErrors prints to a broken writer.
func TestErrors(t *testing.T) {
	for _, format := range Formats {
		p := Printer{Writer: brokenWriter{}, Format: format}
		if err := Rows(p, columns, make([]row, 1000)); !errors.Is(err, errBroken) {
			t.Errorf("%s: %v, want the writer's error", format, err)
		}
		if err := Record(p, 5, []Field{{"a", "b"}}); !errors.Is(err, errBroken) {
			t.Errorf("%s: record: %v, want the writer's error", format, err)
		}
	}
}

var errBroken = errors.New("broken")

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errBroken }
