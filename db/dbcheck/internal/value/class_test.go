package value

import (
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
		Bool: nil, Blob: nil,
	} {
		if diff := cmp.Diff(want, class.Holding(constants)); diff != "" {
			t.Errorf("class %d (-want +got):\n%s", class, diff)
		}
	}
}
