package dbtype_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/duolite/duolite/db/dbtest"
	"github.com/duolite/duolite/db/dbtype"
)

func TestFormatTime(t *testing.T) {
	east := time.FixedZone("", 5*3600+45*60)
	for _, tt := range []struct {
		in   time.Time
		want string
	}{
		{date(2026, 1, 2, 3, 4, 5, 0, time.UTC), "2026-01-02 03:04:05"},
		{date(2026, 1, 2, 3, 4, 5, 600e6, time.UTC), "2026-01-02 03:04:05.600"},
		{date(2026, 1, 2, 3, 4, 5, 678e6, time.UTC), "2026-01-02 03:04:05.678"},
		{date(2026, 1, 2, 3, 4, 5, 678900e3, time.UTC), "2026-01-02 03:04:05.678900"},
		{date(2026, 1, 2, 3, 4, 5, 1e3, time.UTC), "2026-01-02 03:04:05.000001"},
		{date(2026, 1, 2, 3, 4, 5, 678901200, time.UTC), "2026-01-02 03:04:05.678901200"},
		{date(2026, 1, 2, 3, 4, 5, 1, time.UTC), "2026-01-02 03:04:05.000000001"},
		{date(2026, 1, 1, 0, 0, 0, 0, east), "2025-12-31 18:15:00"},
		{time.Time{}, "0001-01-01 00:00:00"},
		{date(0, 1, 1, 0, 0, 0, 0, time.UTC), "0000-01-01 00:00:00"},
		{date(9999, 12, 31, 23, 59, 59, 999999999, time.UTC), "9999-12-31 23:59:59.999999999"},
	} {
		if got := dbtype.FormatTime(tt.in); got != tt.want {
			t.Errorf("FormatTime(%v) is %s, want %s", tt.in, got, tt.want)
		}
	}
}

// TestParseTime has each form that a program may have left in a database.
func TestParseTime(t *testing.T) {
	const layout = "2006-01-02 15:04:05.999999999"
	for text, want := range map[string]string{
		// SQLite's own
		"2026-01-02 03:04:05.678":       "2026-01-02 03:04:05.678",
		"2026-01-02 03:04:05.678901":    "2026-01-02 03:04:05.678901",
		"2026-01-02 03:04:05.678901234": "2026-01-02 03:04:05.678901234",
		"2026-01-02 03:04:05":           "2026-01-02 03:04:05",
		"2026-01-02 03:04":              "2026-01-02 03:04:00",
		"2026-01-02":                    "2026-01-02 00:00:00",
		"2026-01-02T03:04:05":           "2026-01-02 03:04:05",
		"2026-01-02T03:04:05.6":         "2026-01-02 03:04:05.6",
		"2026-01-02T03:04":              "2026-01-02 03:04:00",
		"2026-01-02 03:04Z":             "2026-01-02 03:04:00",
		"2026-01-02T03:04-01:30":        "2026-01-02 04:34:00",
		// RFC 3339
		"2026-01-02T03:04:05Z":           "2026-01-02 03:04:05",
		"2026-01-02T03:04:05.678Z":       "2026-01-02 03:04:05.678",
		"2026-01-02T03:04:05.67890123Z":  "2026-01-02 03:04:05.67890123",
		"2026-01-02T03:04:05.1234567899": "2026-01-02 03:04:05.123456789", // cut
		"2026-01-02T03:04:05+05:45":      "2026-01-01 21:19:05",
		"2026-01-02T03:04:05.5-23:59":    "2026-01-03 03:03:05.5",
		// what drivers of Go write, with a space
		"2026-01-02 03:04:05Z":            "2026-01-02 03:04:05",
		"2026-01-02 03:04:05.678+00:00":   "2026-01-02 03:04:05.678",
		"2026-01-02 03:04:05.678-07:00":   "2026-01-02 10:04:05.678",
		"2026-01-02 03:04:05+00:00":       "2026-01-02 03:04:05",
		"2026-01-02 03:04:05 +0000 UTC":   "2026-01-02 03:04:05",
		"2026-01-02 03:04:05.6 +0100 CET": "2026-01-02 02:04:05.6",
		// time.Time.String of zones that have only a number, and of others
		"2026-01-02 03:04:05 +0530 +0530":                  "2026-01-01 21:34:05",
		"2026-01-02 03:04:05 -0330 -0330":                  "2026-01-02 06:34:05",
		"2026-01-02 03:04:05 +0300 +03":                    "2026-01-02 00:04:05",
		"2026-01-02 03:04:05 -0000 -00":                    "2026-01-02 03:04:05",
		"2026-01-02 03:04:05 +1000 ChST":                   "2026-01-01 17:04:05",
		"2026-01-02 03:04:05 +0800 UTC+8":                  "2026-01-01 19:04:05",
		"2026-01-02 03:04:05 +0100 Europe/Berlin":          "2026-01-02 02:04:05",
		"2026-01-02 03:04:05.678 +0000 UTC m=+0.012345678": "2026-01-02 03:04:05.678",
		"2026-01-02 03:04:05 +0530 +0530 m=-12.000000001":  "2026-01-01 21:34:05",
		// the ends
		"0000-01-01 00:00:00.000":           "0000-01-01 00:00:00",
		"9999-12-31 23:59:59.999999999":     "9999-12-31 23:59:59.999999999",
		"9999-12-31T23:59:59.999Z":          "9999-12-31 23:59:59.999",
		"9999-12-31T23:59:59-01:00":         "10000-01-01 00:59:59",
		"0000-02-29":                        "0000-02-29 00:00:00",
		"2000-02-29":                        "2000-02-29 00:00:00",
		"2024-02-29 23:59:59.999 +0000 UTC": "2024-02-29 23:59:59.999",
		"2026-12-31 23:59:59":               "2026-12-31 23:59:59",
	} {
		got, ok := dbtype.ParseTime(text)
		if !ok || strings.TrimSpace(got.Format(layout)) != want || got.Location().String() != "UTC" {
			t.Errorf("ParseTime(%q) = %v, %v; want %s", text, got, ok, want)
		}
	}
}

func TestParseTimeRefuses(t *testing.T) {
	texts := []string{
		"", " ", "now", "yesterday", "NULL", "0", "2461000.5", "1767322800", "12:30", "12:30:00", "2024", "2024-01", "20240102",
		"24-01-02", "2024-1-2", "12024-01-02", "-2024-01-02", "+2024-01-02", "2024/01/02", "02.01.2024", "2024-W01-1", "2024-001",
		"2024-01-02 ", " 2024-01-02", "2024-01-02T", "2024-01-02Z", "2024-01-02+01:00", "2024-01-02x", "2024-01-02\n", "2024-01-02\x00",
		"2024-01-02 03", "2024-01-02 3:04", "2024-01-02 03:4", "2024-01-02 03:04:", "2024-01-02 03:04:5", "2024-01-02  03:04:05",
		"2024-01-02t03:04:05Z", "2024-01-02T03:04:05z", "2024-01-02_03:04:05", "2024-01-02T 03:04:05",
		"2024-01-02 03:04:05.", "2024-01-02 03:04:05.Z", "2024-01-02 03:04:05,678", "2024-01-02 03:04.5", "2024-01-02 03:04:05.67x",
		// out of range
		"2024-00-01", "2024-13-01", "2024-01-00", "2024-01-32", "2024-04-31", "2024-02-30", "2023-02-29", "1900-02-29",
		"2024-01-02 24:00:00", "2024-01-02 24:00", "2024-01-02 03:60:00", "2016-12-31 23:59:60", "2016-12-31T23:59:60Z",
		"2024-01-02 03:04:05+24:00", "2024-01-02 03:04:05+01:60",
		// zones
		"2024-01-02 03:04:05ZZ", "2024-01-02 03:04:05Z+01:00", "2024-01-02 03:04:05+", "2024-01-02 03:04:05+01", "2024-01-02 03:04:05+0100",
		"2024-01-02 03:04:05+1:00", "2024-01-02 03:04:05 01:00", "2024-01-02 03:04:05 +01:00", "2024-01-02 03:04:05 +0100",
		"2024-01-02 03:04:05 +0100 ", "2024-01-02 03:04:05 UTC", "2024-01-02 03:04:05 +2400 CET", "2024-01-02 03:04:05 +0160 CET",
		"2024-01-02 03:04:05 +0100 garbage", "2024-01-02 03:04:05 +0100 Zürich", "2024-01-02 03:04:05 +0100 +", "2024-01-02 03:04:05 +0100 +1",
		"2024-01-02 03:04:05 +0100 +01x", "2024-01-02 03:04:05 +0100 CET ", "2024-01-02 03:04:05 +0100 CET x", "2024-01-02 03:04:05 +0100 CET DST",
		// the monotonic clock
		"2024-01-02 03:04:05 m=+0.1", "2024-01-02 03:04:05 +0100 CET m=", "2024-01-02 03:04:05 +0100 CET m=0.1", "2024-01-02 03:04:05 +0100 CET m=+1",
		"2024-01-02 03:04:05 +0100 CET m=+.1", "2024-01-02 03:04:05 +0100 CET m=+0.1 ", "2024-01-02 03:04:05 +0100 CET m=+0.1x",
		"2024-01-02 03:04:05 +0100 CET  m=+0.1", "2024-01-02 03:04:05 +0100 CETm=+0.1",
	}
	for _, text := range texts {
		if got, ok := dbtype.ParseTime(text); ok || got != (time.Time{}) {
			t.Errorf("ParseTime(%q) = %v, %v; want none", text, got, ok)
		}
	}
	// What is cut short, or goes on, says something else or nothing.
	const whole = "2024-02-29 03:04:05.678 +0530 +0530 m=+0.012"
	lengths := map[int]bool{10: true, 16: true, 19: true, 21: true, 22: true, 23: true}
	for n := range len(whole) {
		_, ok := dbtype.ParseTime(whole[:n])
		ends := lengths[n] || n == len("2024-02-29 03:04:05.678 +0530 +05") || n == len("2024-02-29 03:04:05.678 +0530 +0530") ||
			n > len("2024-02-29 03:04:05.678 +0530 +0530 m=+0.")
		if ok != ends {
			t.Errorf("ParseTime(%q) says %v", whole[:n], ok)
		}
	}
}

// TestParseTimeIsSQLites: what both read, SQLite's date functions and ParseTime take
// for the same instant.
func TestParseTimeIsSQLites(t *testing.T) {
	texts := sampleTexts()
	list, err := json.Marshal(texts)
	if err != nil {
		t.Fatal(err)
	}
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		rows, err := d.Open(t, nil).QueryContext(t.Context(),
			"SELECT strftime('%Y-%m-%d %H:%M:%f', value) FROM json_each(?) ORDER BY key", string(list))
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		for _, text := range texts {
			var sqlites *string
			if !rows.Next() || rows.Scan(&sqlites) != nil {
				t.Fatal("no row", rows.Err())
			}
			got, ok := dbtype.ParseTime(text)
			if !ok || sqlites == nil {
				t.Errorf("%s: SQLite reads %v, ParseTime says %v", text, sqlites, ok)
				continue
			}
			// SQLite rounds to the millisecond, so that it can be half of one later.
			want, ok := dbtype.ParseTime(*sqlites)
			if diff := got.Sub(want); !ok || diff < -time.Millisecond/2 || diff > time.Millisecond/2 {
				t.Errorf("%s: SQLite reads %s, ParseTime %v", text, *sqlites, got)
			}
			if at := dbtype.NewTime(got); at.Equal(got) && at.String() != *sqlites {
				t.Errorf("%s: SQLite writes %s, NewTime %s", text, *sqlites, at)
			}
		}
	})
}

// sampleTexts returns instants in all forms that SQLite reads, the same in each run.
func sampleTexts() []string {
	random := rand.New(rand.NewPCG(1, 2))
	texts := []string{"0000-01-01", "0000-12-31 23:59:59.999", "9999-12-31 23:59:59.999", "2000-02-29 12:00", "1900-03-01T00:00:00.000Z"}
	for range 1000 {
		at := time.Unix(firstSecond+random.Int64N(lastSecond-firstSecond), random.Int64N(1000)*1e6).UTC()
		// Zones up to +14:00 are what SQLite knows; the ends stay within the years.
		zone := time.FixedZone("", 60*(random.IntN(2*14*60)-14*60))
		if year := at.Year(); year == 0 || year == 9999 {
			zone = time.UTC
		}
		texts = append(texts,
			dbtype.FormatTime(at),
			at.Format("2006-01-02T15:04:05.000Z"),
			at.Format("2006-01-02 15:04:05"),
			at.Format("2006-01-02"),
			at.Format("2006-01-02T15:04"),
			at.In(zone).Format("2006-01-02 15:04:05.999999999-07:00"),
			at.In(zone).Format(time.RFC3339Nano),
		)
	}
	// Finer than a millisecond. Near the end of a minute SQLite doesn't round.
	for range 100 {
		texts = append(texts, fmt.Sprintf("2026-11-22 08:30:%02d.%09d", random.IntN(59), random.IntN(1e9)))
	}
	return texts
}

const (
	firstSecond = -62167219200 // 0000-01-01 00:00:00
	lastSecond  = 253402300799 // 9999-12-31 23:59:59
)

// FuzzParseTime: whatever FormatTime writes is read as the same instant, and sorts as
// the instants do; any other text is refused or read as Go's own parser reads it.
func FuzzParseTime(f *testing.F) {
	for _, text := range []string{
		"2026-01-02 03:04:05.678", "2026-01-02T03:04:05.678901Z", "2026-01-02 03:04:05 +0530 +0530 m=+0.1", "2026-02-30", "24:00",
		"9999-12-31T23:59:59.999999999-23:59", "0000-01-01 00:00+23:59",
	} {
		f.Add(text, int64(1_767_322_800), int64(678_900_000), int64(1))
	}
	f.Add("", int64(firstSecond), int64(0), int64(1_000_000))
	f.Add("", int64(lastSecond), int64(999_999_999), int64(-1000))
	f.Fuzz(func(t *testing.T, text string, second, nanosecond, distance int64) {
		a := instant(second, nanosecond)
		b := instant(a.Unix(), int64(a.Nanosecond())+distance%2e9)
		checkFormat(t, a)
		checkFormat(t, b)
		if strings.Compare(dbtype.FormatTime(a), dbtype.FormatTime(b)) != a.Compare(b) {
			t.Errorf("%s and %s don't sort as the instants", dbtype.FormatTime(a), dbtype.FormatTime(b))
		}
		checkParse(t, text)
		checkZone(t, a, time.FixedZone("", 60*int(distance%(24*60))))
	})
}

// instant returns an instant of the years 0 to 9999.
func instant(second, nanosecond int64) time.Time {
	const seconds = lastSecond - firstSecond + 1
	at := time.Unix(second, nanosecond).UTC()
	offset := (at.Unix() - firstSecond) % seconds
	if offset < 0 {
		offset += seconds
	}
	return time.Unix(firstSecond+offset, int64(at.Nanosecond())).UTC()
}

func checkFormat(t *testing.T, at time.Time) {
	t.Helper()
	text := dbtype.FormatTime(at)
	if again, ok := dbtype.ParseTime(text); !ok || again != at {
		t.Errorf("%v is written as %s, read as %v, %v", at, text, again, ok)
	}
}

// checkZone: an instant is the same in every zone and form.
func checkZone(t *testing.T, at time.Time, zone *time.Location) {
	t.Helper()
	local := at.In(zone)
	if year := local.Year(); year < 0 || year > 9999 {
		return
	}
	for _, text := range []string{local.String(), local.Format(time.RFC3339Nano), local.Format("2006-01-02 15:04:05.999999999-07:00")} {
		if got, ok := dbtype.ParseTime(text); !ok || got.UTC() != at || got.Location() != time.UTC && dbtype.FormatTime(got) != text {
			t.Errorf("%s is read as %v, %v; want %v", text, got, ok, at)
		}
	}
}

// The forms of ParseTime for Go's parser, which takes a fraction of a second after the
// seconds even where the layout has none.
var timeLayouts = []string{
	time.RFC3339, "2006-01-02T15:04:05", "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05",
	"2006-01-02 15:04:05 -0700 MST", "2006-01-02 15:04", "2006-01-02T15:04", "2006-01-02",
}

func checkParse(t *testing.T, text string) {
	t.Helper()
	got, ok := dbtype.ParseTime(text)
	if !ok {
		return
	}
	plain, _, _ := strings.Cut(text, " m=")
	for _, layout := range timeLayouts {
		if want, err := time.Parse(layout, plain); err == nil && !got.Equal(want) {
			t.Errorf("%q is read as %v, by Go as %v", text, got, want)
		}
	}
	if year := got.Year(); year >= 0 && year <= 9999 {
		checkFormat(t, got)
	}
}

func BenchmarkParseTime(b *testing.B) {
	for _, text := range []string{
		"2026-01-02 03:04:05.678", "2026-01-02T03:04:05.678Z", "2026-01-02 03:04:05.678901234+01:00", "2026-01-02 03:04:05.678 +0100 CET m=+0.012",
	} {
		b.Run(text, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, ok := dbtype.ParseTime(text); !ok {
					b.Fatal("refused")
				}
			}
		})
	}
}

func BenchmarkFormatTime(b *testing.B) {
	at := date(2026, 1, 2, 3, 4, 5, 678e6, time.UTC)
	b.ReportAllocs()
	for b.Loop() {
		dbtype.FormatTime(at)
	}
}
