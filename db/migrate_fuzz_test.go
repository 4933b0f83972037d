package db

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

// FuzzMigrationFile reads any file, and again what goose is given of it: the same statements.
func FuzzMigrationFile(f *testing.F) {
	f.Add("-- +goose NO TRANSACTION\n-- +goose Up\nPRAGMA foreign_keys = OFF;\nSELECT 1; -- ;\n-- +goose Down\nSELECT ';\n';")
	f.Add("\ufeff/* ; */\r\n-- +goose up\r\n-- +goose ENVSUB ON\r\n-- +goose StatementBegin\r\nSELECT 1;\r\n-- +goose ENVSUB OFF\r\nSELECT 2\r\n-- +goose StatementEnd\r\n")
	f.Add("-- +goose Up\nCREATE TRIGGER r AFTER INSERT ON t BEGIN\n-- +goose ENVSUB ON\nSELECT '$A';\nEND;\n-- +goose ENVSUB OFF\n-- +goose StatementBegin\n-- +goose StatementEnd\nSELECT 'open\n")
	f.Add("-- +goose Up\n/* open\n-- +goose Down\nPRAGMA \"foreign_keys\" . x (\n")
	f.Add("-- +goose Up\nSELECT 1; -- see +goose\nSELECT 2;-- +goose Down\n")
	f.Fuzz(func(t *testing.T, text string) {
		read := func(text string) (migrationFile, error) {
			return readMigration(fstest.MapFS{"1_x.sql": {Data: []byte(text)}}, "1_x.sql")
		}
		file, err := read(text)
		if err != nil {
			if strings.ContainsAny(err.Error(), "\n\r") {
				t.Errorf("the error has several lines: %q", err)
			}
			return
		}
		if file.check(file.up) != nil || file.check(file.down) != nil {
			return
		}
		rendered := file.render()
		again, err := read(rendered)
		if err != nil {
			t.Fatalf("%q is rendered as %q: %v", text, rendered, err)
		}
		if again.noTx != file.noTx {
			t.Errorf("%q is rendered as %q", text, rendered)
		}
		for _, pair := range [][2]section{{file.up, again.up}, {file.down, again.down}} {
			if diff := cmp.Diff(texts(pair[0]), texts(pair[1])); diff != "" {
				t.Errorf("%q is rendered as %q (-want +got):\n%s", text, rendered, diff)
			}
		}
	})
}

func texts(s section) (all []string) {
	for _, r := range s.regions {
		for _, st := range r.statements() {
			all = append(all, strings.Trim(r.text[st.start:st.end], " ;\t\n\v\f\r"))
		}
	}
	return all
}
