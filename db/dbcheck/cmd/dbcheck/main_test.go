package main

import (
	"strings"
	"testing"
)

func TestRun(t *testing.T) {
	for _, test := range []struct {
		folders []string
		code    int
		want    string
	}{
		{[]string{"../../../../queries"}, 0, ""},
		{[]string{"../../../../queries", "../../testdata/source"}, 1, "testdata/source/panics.sql:4: Minus: sqlc panics"},
		{[]string{"."}, 2, "no *.sql file"},
		{nil, 2, "usage: "},
	} {
		var b strings.Builder
		code := run(test.folders, &b)
		if code != test.code || !strings.Contains(b.String(), test.want) || test.want == "" && b.Len() > 0 {
			t.Errorf("%v: exit %d, %q; want %d, %q", test.folders, code, b.String(), test.code, test.want)
		}
	}
}
