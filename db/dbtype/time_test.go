package dbtype_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/duolite/duolite/db/dbtype"
)

// TestTimeIsCut wants what is finer than a millisecond to be cut, never rounded: a
// time isn't later than the event. Before 1970 and 1 neither.
func TestTimeIsCut(t *testing.T) {
	for in, want := range map[time.Time]string{
		date(2026, 12, 31, 23, 59, 59, 999999999, time.UTC): "2026-12-31 23:59:59.999",
		date(2026, 1, 1, 0, 0, 0, 499999, time.UTC):         "2026-01-01 00:00:00.000",
		date(1969, 12, 31, 23, 59, 59, 999999999, time.UTC): "1969-12-31 23:59:59.999",
		date(1900, 1, 1, 0, 0, 0, 1999999, time.UTC):        "1900-01-01 00:00:00.001",
		date(0, 1, 1, 0, 0, 0, 1999999, time.UTC):           "0000-01-01 00:00:00.001",
	} {
		if got := dbtype.NewTime(in).String(); got != want {
			t.Errorf("NewTime(%v) is %s, want %s", in, got, want)
		}
		// One that was made without NewTime is written the same.
		if got, err := (dbtype.Time{Time: in}).Value(); got != want || err != nil {
			t.Errorf("Value of %v is %v (%v), want %s", in, got, err, want)
		}
	}
}

// TestTimeLimits is about the first and last year, which depend on the zone.
func TestTimeLimits(t *testing.T) {
	east, west := time.FixedZone("", 3600), time.FixedZone("", -3600)
	for _, tt := range []struct {
		in   time.Time
		want string // "" is an error
	}{
		{date(0, 1, 1, 0, 0, 0, 0, time.UTC), "0000-01-01 00:00:00.000"},
		{date(0, 1, 1, 0, 59, 0, 0, east), ""},
		{date(-1, 12, 31, 23, 30, 0, 0, west), "0000-01-01 00:30:00.000"},
		{date(9999, 12, 31, 23, 59, 59, 999e6, time.UTC), "9999-12-31 23:59:59.999"},
		{date(9999, 12, 31, 23, 0, 0, 0, west), ""},
		{date(10000, 1, 1, 0, 30, 0, 0, east), "9999-12-31 23:30:00.000"},
		{time.Time{}, "0001-01-01 00:00:00.000"},
	} {
		tm := dbtype.Time{Time: tt.in}
		value, valueErr := tm.Value()
		text, textErr := tm.MarshalText()
		inJSON, jsonErr := json.Marshal(tm)
		if tt.want == "" {
			for what, err := range map[string]error{"Value": valueErr, "MarshalText": textErr, "MarshalJSON": jsonErr} {
				if err == nil || !strings.Contains(err.Error(), "is outside 0 to 9999") {
					t.Errorf("%s of %v: error %v, want that the year is outside 0 to 9999", what, tt.in, err)
				}
			}
			continue
		}
		wantText := strings.Replace(tt.want, " ", "T", 1) + "Z"
		if value != tt.want || string(text) != wantText || string(inJSON) != `"`+wantText+`"` {
			t.Errorf("%v is written as %v, %s and %s, want %s and %s", tt.in, value, text, inJSON, tt.want, wantText)
		}
	}
}

func TestTimeUnmarshal(t *testing.T) {
	tm := dbtype.NewTime(date(2026, 1, 2, 3, 4, 5, 0, time.UTC))
	before := tm
	if err := json.Unmarshal([]byte("null"), &tm); err != nil || tm != before {
		t.Errorf("null gives %v (%v), want no change", tm, err)
	}
	marshaled, err := tm.MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{string(marshaled), tm.String()} {
		var again dbtype.Time
		if err := again.UnmarshalText([]byte(text)); err != nil || again != tm {
			t.Errorf("UnmarshalText of %s gives %v (%v), want %v", text, again, err, tm)
		}
	}
	for _, text := range []string{`"2026-01-02`, `"`, ``, `"2026-01-02T25:00:00Z"`} {
		if err := tm.UnmarshalJSON([]byte(text)); err == nil || tm != before {
			t.Errorf("%s gives %v (%v), want an error and no change", text, tm, err)
		}
	}
	// Keys of maps and flags use the text.
	object, err := json.Marshal(map[dbtype.Time]int{tm: 1})
	if want := `{"2026-01-02T03:04:05.000Z":1}`; err != nil || string(object) != want {
		t.Errorf("a map is %s (%v), want %s", object, err, want)
	}
}

// TestTimeErrorNamesTheForm wants the form that belongs in a column, or in JSON.
func TestTimeErrorNamesTheForm(t *testing.T) {
	var tm dbtype.Time
	for want, err := range map[string]error{
		`"soon" isn't a time; want the form 2006-01-02 15:04:05.000`:  tm.Scan("soon"),
		`"soon" isn't a time; want the form 2006-01-02T15:04:05.000Z`: tm.UnmarshalJSON([]byte(`"soon"`)),
	} {
		if err == nil || err.Error() != ""+want {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}

// TestTimeErrorIsShort is about what an error quotes of a text that is no time.
func TestTimeErrorIsShort(t *testing.T) {
	var tm dbtype.Time
	long := strings.Repeat("very long\n", 1000)
	for _, err := range []error{tm.Scan(long), tm.UnmarshalText([]byte(long)), tm.UnmarshalJSON([]byte(`"` + long + `"`)), tm.UnmarshalJSON([]byte(long))} {
		if err == nil || len(err.Error()) > 150 {
			t.Errorf("error %.200v", err)
		}
	}
}

func TestNow(t *testing.T) {
	before := dbtype.NewTime(time.Now())
	now := dbtype.Now()
	after := dbtype.NewTime(time.Now())
	if now.Before(before.Time) || now.After(after.Time) || now.Location() != time.UTC {
		t.Errorf("Now is %v, between %v and %v", now, before, after)
	}
}
