package contract

import (
	"database/sql/driver"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func positional(values ...driver.Value) []driver.NamedValue { return namedValues(values) }

func named(pairs ...any) (args []driver.NamedValue) {
	for i := 0; i < len(pairs); i += 2 {
		args = append(args, driver.NamedValue{Ordinal: i/2 + 1, Name: pairs[i].(string), Value: pairs[i+1]})
	}
	return args
}

func TestBind(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		params string // separated by spaces; _ for a plain ?
		args   []driver.NamedValue
		want   []driver.Value
		err    string
	}{
		{"", nil, nil, ""},
		{"_ _", positional("a", "b"), []driver.Value{"a", "b"}, ""},
		{"?1 ?2", positional("a", "b"), []driver.Value{"a", "b"}, ""},
		{"$2 $1", positional("a", "b"), []driver.Value{"b", "a"}, ""},
		{":x @x $x", named("x", "a"), []driver.Value{"a", "a", "a"}, ""},
		{":x @y ?1", positional("a", "b"), []driver.Value{"a", "b", "a"}, ""},
		{":x _", positional("a", "b"), []driver.Value{"a", "b"}, ""},
		{":x _", append(named("x", "a"), driver.NamedValue{Ordinal: 2, Value: "b"}), []driver.Value{"a", "b"}, ""},
		{"?1 _ ?3", positional("a", "gap", "c"), []driver.Value{"a", "gap", "c"}, ""},

		{"_ _", positional("a"), nil, "no argument for the parameter ?2; the statement has 2 parameters, the call 1 arguments"},
		{"_", positional("a", "b"), nil, "argument 2 has no parameter; the statement has 1 parameters, the call 2 arguments"},
		{"", positional("a"), nil, "argument 1 has no parameter; the statement has 0 parameters, the call 1 arguments"},
		{":x", positional("a", "b"), nil, "argument 2 has no parameter; the statement has 1 parameters, the call 2 arguments"},
		{":x", nil, nil, `no argument for the parameter :x; want sql.Named("x", …), or plain arguments in the order of the names`},
		{":x", named("y", "a"), nil, `no argument for the parameter :x; want sql.Named("x", …), or plain arguments in the order of the names`},
		{":x", named("x", "a", "y", "b"), nil, `the argument named "y" has no parameter`},
		{":x", named("x", "a", "x", "b"), nil, `there are two arguments named "x"`},
		{"_", named("x", "a"), nil, "no argument for the parameter ?1; the statement has 1 parameters, the call 1 arguments"},
	} {
		params := strings.Fields(tt.params)
		for i, param := range params {
			params[i] = strings.ReplaceAll(param, "_", "")
		}
		got, err := bind(nil, params, tt.args)
		if message := fmt.Sprint(err); err != nil && message != tt.err || err == nil && tt.err != "" {
			t.Errorf("bind(%q, %v): error %q, want %q", tt.params, tt.args, message, tt.err)
		}
		if err == nil {
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("bind(%q, %v) (-want +got):\n%s", tt.params, tt.args, diff)
			}
		}
	}
}

func TestStorable(t *testing.T) {
	t.Parallel()
	type name string
	number := 7
	at := time.Date(2024, 3, 5, 11, 37, 8, 120e6, time.FixedZone("", 5*3600+1800))
	for _, tt := range []struct {
		value, want any
	}{
		{nil, nil},
		{7, int64(7)},
		{uint8(7), int64(7)},
		{&number, int64(7)},
		{(*int)(nil), nil},
		{new("a"), "a"},
		{(*string)(nil), nil},
		{new(int64(7)), int64(7)},
		{(*int64)(nil), nil},
		{new(0.5), 0.5},
		{(*float64)(nil), nil},
		{true, int64(1)},
		{false, int64(0)},
		{float32(0.5), 0.5},
		{math.MaxFloat64, math.MaxFloat64},
		{name("a"), "a"},
		{"", ""},
		{[]byte(nil), nil},
		{[]byte{}, []byte{}},
		{at, "2024-03-05 06:07:08.120"},
	} {
		got, err := Storable(tt.value)
		if diff := cmp.Diff(tt.want, got); diff != "" || err != nil {
			t.Errorf("Storable(%#v) (-want +got), error %v:\n%s", tt.value, err, diff)
		}
	}
	for _, value := range []any{
		math.NaN(), math.Inf(1), math.Inf(-1), float32(math.Inf(1)),
		"secret\xff", name("secret\xff"), new("secret\xff"), new(math.NaN()), uint64(math.MaxUint64), struct{}{}, make(chan int),
		time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC),
	} {
		if got, err := Storable(value); err == nil {
			t.Errorf("Storable(%#v) = %#v, want an error", value, got)
		} else if strings.Contains(err.Error(), "secret") {
			t.Errorf("Storable(%#v): the error shows the value: %v", value, err)
		}
	}
}

// TestStorableAllocatesNothing is about values that are stored as they are.
func TestStorableAllocatesNothing(t *testing.T) {
	for _, value := range []any{nil, "a text", []byte("bytes"), 0.5, int64(1) << 40, true} {
		if n := testing.AllocsPerRun(10, func() { Storable(value) }); n != 0 {
			t.Errorf("Storable(%#v) allocates %v times, want never", value, n)
		}
	}
}

func TestScanType(t *testing.T) {
	t.Parallel()
	for declared, want := range map[string]string{
		"":                         "interface {}",
		"ANY":                      "interface {}",
		"integer":                  "sql.NullInt64",
		"BIGINT":                   "sql.NullInt64",
		"varchar(20)":              "sql.NullString",
		"json":                     "sql.NullString",
		"BLOB":                     "[]uint8",
		"double precision":         "sql.NullFloat64",
		"boolean":                  "sql.NullBool",
		"datetime":                 "interface {}",
		"DateTime (6)":             "interface {}",
		"timestamp with time zone": "interface {}",
		"time":                     "interface {}",
		"decimal(10,2)":            "interface {}",
	} {
		if got := scanType(strings.ToUpper(baseType(declared))).String(); got != want {
			t.Errorf("the scan type of %q is %s, want %s", declared, got, want)
		}
	}
}
