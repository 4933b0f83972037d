package main

import "testing"

func TestReadOnly(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"app.db":                       "file:app.db?mode=ro",
		"a b/50%#1.db":                 "file:a%20b/50%25%231.db?mode=ro",
		"./a:1.db":                     "file:./a:1.db?mode=ro",
		"file:app.db":                  "file:app.db?mode=ro",
		"FILE:app%3F.db?mode=rw":       "file:app%3F.db?mode=ro",
		"file:app.db?mode=rwc":         "file:app.db?mode=ro",
		"file:app.db?immutable=0":      "file:app.db?immutable=0&mode=ro",
		"file:app.db?mode=ro":          "file:app.db?mode=ro",
		"file:app.db?immutable=1":      "file:app.db?immutable=1",
		"file:app.db?mode=memory":      "",
		":memory:":                     "",
		"libsql://example.com?tls=1":   "",
		"http://localhost:1?replica=a": "",
	} {
		if got, ok := readOnlyFile(given); got != want || ok != (want != "") {
			t.Errorf("readOnlyFile(%q) = %q, %v; want %q", given, got, ok, want)
		}
	}
}
