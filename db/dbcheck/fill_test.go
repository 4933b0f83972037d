package dbcheck

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestHolding: nodes.type = 'tree' says nothing of marks.type, which is an INTEGER.
func TestHolding(t *testing.T) {
	constants := []any{"tree", int64(7), "2026-01-02", `{"a":1}`}
	for class, want := range map[class][]any{
		textClass: constants, anyClass: constants,
		intClass: {int64(7)}, realClass: {int64(7)}, numericClass: {int64(7)},
		dateClass: {"2026-01-02"}, timeClass: {"2026-01-02"},
		jsonClass: {`{"a":1}`}, jsonbClass: {`{"a":1}`},
		boolClass: nil, blobClass: nil,
	} {
		if diff := cmp.Diff(want, column{class: class}.holding(constants)); diff != "" {
			t.Errorf("class %d (-want +got):\n%s", class, diff)
		}
	}
}
