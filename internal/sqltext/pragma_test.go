package sqltext

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPragma(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		text string
		want PragmaText
		ok   bool
	}{
		{"PRAGMA foreign_keys", PragmaText{Name: "foreign_keys"}, true},
		{"pragma Foreign_Keys=off", PragmaText{Name: "foreign_keys", Sets: true}, true},
		{"/* a */ PRAGMA -- b\n foreign_keys /* c */ (0)", PragmaText{Name: "foreign_keys", Sets: true}, true},
		{`PRAGMA "main" . [foreign_keys] = 0`, PragmaText{Schema: "main", Name: "foreign_keys", Sets: true}, true},
		{"PRAGMA 'foreign_keys' = 'off'", PragmaText{Name: "foreign_keys", Sets: true}, true},
		{"PRAGMA `temp`.cache_size", PragmaText{Schema: "temp", Name: "cache_size"}, true},
		{"EXPLAIN PRAGMA foreign_keys = 1", PragmaText{Name: "foreign_keys", Sets: true}, true},
		{"EXPLAIN QUERY PLAN PRAGMA foreign_keys(1)", PragmaText{Name: "foreign_keys", Sets: true}, true},
		{"PRAGMA", PragmaText{}, false},
		{"PRAGMA main.", PragmaText{Schema: "main", Name: "main"}, false},
		{"VACUUM", PragmaText{}, false},
		{"SELECT 'PRAGMA foreign_keys = 1'", PragmaText{}, false},
	} {
		statements := Split(tt.text)
		got, ok := statements[0].Pragma()
		if diff := cmp.Diff(tt.want, got); diff != "" || ok != tt.ok {
			t.Errorf("%s: got %v, want %v; (-want +got)\n%s", tt.text, ok, tt.ok, diff)
		}
	}
}
