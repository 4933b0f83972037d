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

// A row is what the tests print.
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

func rowsText(t testing.TB, format Format, screen Screen, rows []row) string {
	t.Helper()
	var b strings.Builder
	if err := Rows(&b, format, screen, columns, rows); err != nil {
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
	tests := []struct {
		name   string
		screen Screen
		want   string
	}{
		{"no limit", Screen{}, `
 ID  TITLE         TAGS                 FIXED
  1  One           a, b                 2020-01-02
234  日本語の文字                       2020-01-02
  5                a tag of many words  2020-01-02
`},
		{"just wide enough", Screen{Width: 50}, `
 ID  TITLE         TAGS                 FIXED
  1  One           a, b                 2020-01-02
234  日本語の文字                       2020-01-02
  5                a tag of many words  2020-01-02
`},
		{"the widest gives way", Screen{Width: 48}, `
 ID  TITLE         TAGS               FIXED
  1  One           a, b               2020-01-02
234  日本語の文字                     2020-01-02
  5                a tag of many wo…  2020-01-02
`},
		{"then both", Screen{Width: 40}, `
 ID  TITLE       TAGS         FIXED
  1  One         a, b         2020-01-02
234  日本語の…                2020-01-02
  5              a tag of m…  2020-01-02
`},
		{"none gets narrower than 8", Screen{Width: 1}, `
 ID  TITLE     TAGS      FIXED
  1  One       a, b      2020-01-02
234  日本語…             2020-01-02
  5            a tag o…  2020-01-02
`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, "\n"+rowsText(t, Table, tt.screen, rows)); diff != "" {
				t.Errorf("table (-want +got):\n%s", diff)
			}
		})
	}
	if got := rowsText(t, Table, Screen{}, nil); got != "" {
		t.Errorf("a table without rows is %q, want nothing", got)
	}
}

// hostile has texts that terminals and programs that count characters take ill.
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

// TestHostile shows everything hostile in every cell, on screens of many widths.
func TestHostile(t *testing.T) {
	var rows []row
	for i, text := range hostile {
		rows = append(rows, row{ID: i, Title: text, Tags: []string{hostile[len(hostile)-1-i]}})
	}
	for _, color := range []bool{false, true} {
		for width := range 150 {
			screen := Screen{Width: width, Color: color}
			out := rowsText(t, Table, screen, rows)
			lines := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
			if len(lines) != 1+len(rows) {
				t.Fatalf("%+v: %d lines for %d rows and a heading", screen, len(lines), len(rows))
			}
			for i, line := range lines {
				const least = 2 + 8 + 8 + 10 + 3*gap // id, title, tags and the fixed column
				if shown := withoutColor(line); width > 0 && shownWidth(shown) > max(width, least) {
					t.Errorf("%+v: line %d has %d columns: %q", screen, i, shownWidth(shown), line)
				}
				if i > 0 && !strings.HasSuffix(withoutColor(line), "2020-01-02") {
					t.Errorf("%+v: line %d has lost its date: %q", screen, i, line)
				}
				checkObeyed(t, screen, line)
			}
		}
	}
}

// TestHostileRecord shows everything hostile in a field.
func TestHostileRecord(t *testing.T) {
	for _, color := range []bool{false, true} {
		for _, text := range hostile {
			var b strings.Builder
			if err := Record(&b, Screen{Color: color}, []Field{{"name", text}}); err != nil {
				t.Fatal(err)
			}
			for line := range strings.Lines(b.String()) {
				checkObeyed(t, Screen{Color: color}, strings.TrimSuffix(line, "\n"))
			}
		}
	}
}

// TestLine puts everything hostile into a message.
func TestLine(t *testing.T) {
	for _, text := range hostile {
		checkObeyed(t, Screen{}, Line(text))
	}
	if got := Line("as it is: é 日本 👍🏽"); got != "as it is: é 日本 👍🏽" {
		t.Errorf("got %q", got)
	}
}

// checkObeyed wants nothing in a line that a terminal would obey, but for the colours
// that are this package's own, which end where the line does.
func checkObeyed(t *testing.T, screen Screen, line string) {
	t.Helper()
	if !utf8.ValidString(line) {
		t.Errorf("not UTF-8: %q", line)
	}
	if screen.Color {
		if i, j := strings.LastIndex(line, "\x1b[1m"), strings.LastIndex(line, "\x1b[0m"); i > j {
			t.Errorf("bold goes on after the line: %q", line)
		}
		line = withoutColor(line)
	}
	if i := strings.IndexFunc(line, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) }); i >= 0 {
		t.Errorf("%q at %d of %q", line[i], i, line)
	}
}

var colors = strings.NewReplacer("\x1b[0m", "", "\x1b[1m", "", "\x1b[2m", "")

func withoutColor(s string) string { return colors.Replace(s) }

// shownWidth counts columns of a terminal on the safe side: as many for each character
// as terminals give it that know nothing of how characters combine... but for those that
// none shows.
func shownWidth(s string) int {
	n := 0
	for _, r := range s {
		switch {
		case unicode.Is(unicode.Mn, r), unicode.Is(unicode.Cf, r), unicode.Is(unicode.Me, r):
		case r >= 0x1100 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul):
			n += 2
		case r >= 0xff01 && r <= 0xff60:
			n += 2
		case r >= 0x1f300 && r != '🏳':
			n += 2
		default:
			n++
		}
	}
	return n
}

func TestColor(t *testing.T) {
	screen := Screen{Width: 60, Color: true}
	rows := []row{{ID: 1, Title: "before " + MatchStart + "match" + MatchEnd + " after", Tags: []string{MatchStart + "a"}}}
	want := "\x1b[2mID\x1b[0m  \x1b[2mTITLE\x1b[0m               \x1b[2mTAGS\x1b[0m  \x1b[2mFIXED\x1b[0m\n" +
		" 1  before \x1b[1mmatch\x1b[0m after  \x1b[1ma\x1b[0m     2020-01-02\n"
	if diff := cmp.Diff(want, rowsText(t, Table, screen, rows)); diff != "" {
		t.Errorf("table (-want +got):\n%s", diff)
	}
	screen.Color = false
	want = "ID  TITLE                 TAGS  FIXED\n 1  before [match] after  [a]   2020-01-02\n"
	if diff := cmp.Diff(want, rowsText(t, Table, screen, rows)); diff != "" {
		t.Errorf("table without colour (-want +got):\n%s", diff)
	}
}

func TestJSON(t *testing.T) {
	for _, rows := range [][]row{nil, {}} {
		if got := rowsText(t, JSON, Screen{}, rows); got != "[]\n" {
			t.Errorf("no rows are %q", got)
		}
		if got := rowsText(t, NDJSON, Screen{}, rows); got != "" {
			t.Errorf("no rows are %q", got)
		}
	}
	rows := []row{{ID: 1, Title: "<a> & \"b\"\n\x1b\u2028"}, {Tags: []string{}}}
	want := `{"id":1,"title":"<a> & \"b\"\n\u001b\u2028","tags":null,"last":null}
{"id":0,"title":"","tags":[],"last":null}
`
	if diff := cmp.Diff(want, rowsText(t, NDJSON, Screen{Width: 10, Color: true}, rows)); diff != "" {
		t.Errorf("NDJSON (-want +got):\n%s", diff)
	}
	var got []row
	if err := json.Unmarshal([]byte(rowsText(t, JSON, Screen{}, rows)), &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(rows, got); diff != "" {
		t.Errorf("JSON (-want +got):\n%s", diff)
	}
}

func TestCSV(t *testing.T) {
	if got := rowsText(t, CSV, Screen{}, nil); got != "id,title,tags,fixed\n" {
		t.Errorf("no rows are %q", got)
	}
	rows := []row{
		{ID: 1, Title: `a "quoted" word`, Tags: []string{"a", "b"}},
		{ID: 2, Title: "two\nlines", Tags: []string{" spaces "}},
		{ID: 3, Title: MatchStart + "match" + MatchEnd + "; not marked", Tags: []string{strings.Repeat("long ", 50)}},
	}
	out := rowsText(t, CSV, Screen{Width: 10, Color: true}, rows)
	want := "id,title,tags,fixed\n" +
		"1,\"a \"\"quoted\"\" word\",\"a, b\",2020-01-02\n" +
		"2,\"two\nlines\",\" spaces \",2020-01-02\n" +
		"3,match; not marked," + strings.Repeat("long ", 50) + ",2020-01-02\n"
	if diff := cmp.Diff(want, out); diff != "" {
		t.Errorf("CSV (-want +got):\n%s", diff)
	}
	records, err := csv.NewReader(strings.NewReader(out)).ReadAll()
	if err != nil || len(records) != 4 || records[2][1] != "two\nlines" {
		t.Errorf("read again: %q, %v", records, err)
	}
}

func TestRecord(t *testing.T) {
	var b strings.Builder
	err := Record(&b, Screen{}, []Field{
		{"id", "1"}, {"a longer name", "x"}, {"empty", ""},
		{"notes", "one\n  two\n\nfour\t!\n\n"}, {"match", MatchStart + "m" + MatchEnd},
	})
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
}

func TestBar(t *testing.T) {
	tests := []struct {
		value, most int64
		width       int
		want        string
	}{
		{0, 10, 8, ""},
		{-1, 10, 8, ""},
		{1, 0, 8, ""},
		{10, 10, 8, "████████"},
		{5, 10, 8, "████"},
		{1, 1 << 62, 8, "▏"},
		{1<<62 - 1, 1 << 62, 8, "████████"},
		{9, 16, 8, "████▌"},
		{1, 64, 8, "▏"},
		{15, 64, 8, "█▉"},
		{16, 64, 8, "██"},
	}
	for _, tt := range tests {
		if got := Bar(tt.value, tt.most, tt.width); got != tt.want {
			t.Errorf("Bar(%d, %d, %d) = %q, want %q", tt.value, tt.most, tt.width, got, tt.want)
		}
	}
	shorter := 0
	for value := range int64(1000) {
		n := utf8.RuneCountInString(Bar(value, 999, 40))
		if n < shorter || n > 40 {
			t.Errorf("Bar(%d) has %d characters, the one before %d", value, n, shorter)
		}
		shorter = n
	}
}

func TestFormat(t *testing.T) {
	format := Table
	for _, name := range []string{"table", "json", "ndjson", "csv"} {
		if err := format.Set(name); err != nil || format.String() != name {
			t.Errorf("Set(%q): %v, then %q", name, err, format.String())
		}
	}
	for _, name := range []string{"", "JSON", "xml"} {
		if err := format.Set(name); err == nil || format != CSV {
			t.Errorf("Set(%q): %v, then %q", name, err, format)
		}
	}
	if format.Type() != "FORMAT" {
		t.Errorf("Type() = %q", format.Type())
	}
}

func TestScreenOf(t *testing.T) {
	for columns, want := range map[string]Screen{
		"": {}, "40": {Width: 40}, "0": {}, "-5": {}, "many": {}, "99999999999999999999": {},
	} {
		got := ScreenOf(&bytes.Buffer{}, func(name string) string {
			if name == "COLUMNS" {
				return columns
			}
			return ""
		})
		if got != want {
			t.Errorf("COLUMNS=%s: %+v, want %+v", columns, got, want)
		}
	}
	if IsTerminal(&bytes.Buffer{}) {
		t.Error("a buffer is a terminal")
	}
}

// TestErrors has a writer that fails at its nth call.
func TestErrors(t *testing.T) {
	rows := make([]row, 1000)
	for _, format := range Formats {
		if err := Rows(brokenWriter{}, format, Screen{}, columns, rows); !errors.Is(err, errBroken) {
			t.Errorf("%s: %v, want the writer's error", format, err)
		}
	}
	if err := Record(brokenWriter{}, Screen{}, []Field{{"a", "b"}}); !errors.Is(err, errBroken) {
		t.Errorf("record: %v, want the writer's error", err)
	}
}

var errBroken = errors.New("broken")

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errBroken }
