package trial

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCheckLists(t *testing.T) {
	for create, want := range map[string][]List{
		"CREATE TABLE t (state TEXT CHECK (state IN ('new', 'it''s', \"old\")))": nil,
		"CREATE TABLE t (state TEXT NOT NULL CHECK(state IN ('new','it''s')))":   {{Column: "state", Texts: []string{"new", "it's"}}},
		"CREATE TABLE t (a, b, CHECK (\"a\" IS NULL OR \"a\" IN ('x')), CHECK (b in ('y') or B is null))": {
			{Column: "a", Texts: []string{"x"}}, {Column: "b", Texts: []string{"y"}}},
		"CREATE TABLE t (a CHECK (a IN ('''', 'x''')))":             {{Column: "a", Texts: []string{"'", "x'"}}},
		"CREATE TABLE t (a CHECK (a IN ('x') AND length(a) = 1))":   nil,
		"CREATE TABLE t (a CHECK (a NOT IN ('x')))":                 nil,
		"CREATE TABLE t (a CHECK (lower(a) IN ('x')))":              nil,
		"CREATE TABLE t (a CHECK (a IN (1, 2)))":                    nil,
		"CREATE TABLE t (a COLLATE NOCASE CHECK (a IN ('x', 'y')))": nil,
	} {
		if got := checkLists(create); !cmp.Equal(got, want) {
			t.Errorf("%s: %v, want %v", create, got, want)
		}
	}
}
