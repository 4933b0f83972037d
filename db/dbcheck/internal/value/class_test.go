package value

import (
	"database/sql"
	"database/sql/driver"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestHolding: nodes.type = 'tree' says nothing of marks.type, which is an INTEGER.
func TestHolding(t *testing.T) {
	constants := []any{"tree", int64(7), "2026-01-02", `{"a":1}`}
	for class, want := range map[Class][]any{
		Text: constants, Any: constants,
		Int: {int64(7)}, Real: {int64(7)}, Numeric: {int64(7)},
		Date: {"2026-01-02"}, Time: {"2026-01-02"},
		JSON: {`{"a":1}`}, JSONB: {`{"a":1}`},
		Bool: nil, Blob: nil, Vector: nil,
	} {
		if diff := cmp.Diff(want, class.Holding(constants)); diff != "" {
			t.Errorf("class %d (-want +got):\n%s", class, diff)
		}
	}
}

// A sealed has a Value that panics for nil.
type sealed struct{ text string }

func (s *sealed) Value() (driver.Value, error) { return s.text, nil }

// TestCanBeNull: only types whose zero value is sent as NULL.
func TestCanBeNull(t *testing.T) {
	for typ, want := range map[reflect.Type]bool{
		reflect.TypeFor[*string]():        true,
		reflect.TypeFor[any]():            true,
		reflect.TypeFor[sql.NullString](): true,
		reflect.TypeFor[string]():         false,
		reflect.TypeFor[*sealed]():        false,
	} {
		if got := CanBeNull(typ); got != want {
			t.Errorf("CanBeNull(%v) = %v, want %v", typ, got, want)
		}
	}
}

// TestIsOther: a type that an override chose for a column.
func TestIsOther(t *testing.T) {
	for _, test := range []struct {
		typ   reflect.Type
		class Class
		want  bool
	}{
		{reflect.TypeFor[bool](), Int, true}, {reflect.TypeFor[*bool](), Int, true}, {reflect.TypeFor[bool](), Bool, false},
		{reflect.TypeFor[int64](), Real, true}, {reflect.TypeFor[int64](), Int, false}, {reflect.TypeFor[string](), Text, false},
	} {
		if got := IsOther(test.typ, test.class); got != test.want {
			t.Errorf("IsOther(%v, %d) = %v, want %v", test.typ, test.class, got, test.want)
		}
	}
}
