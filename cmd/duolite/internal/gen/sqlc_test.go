package gen

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// TestWhichSQLC wants the sqlc of the version that the module requires: an installed one, or else the
// module's tool.
func TestWhichSQLC(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the installed sqlc is a shell script")
	}
	const require = "\nrequire github.com/sqlc-dev/sqlc v1.29.0\n"
	for _, test := range []struct{ name, mod, installed, want string }{
		{"installed, none required", "", sqlcRelease, "bin/sqlc"},
		{"another installed, none required", "", "v1.29.0", "go run github.com/sqlc-dev/sqlc/cmd/sqlc@" + sqlcRelease},
		{"nothing installed, none required", "", "", "go run github.com/sqlc-dev/sqlc/cmd/sqlc@" + sqlcRelease},
		{"installed as required", require, "v1.29.0", "bin/sqlc"},
		{"another installed than required", require, sqlcRelease, "go run github.com/sqlc-dev/sqlc/cmd/sqlc"},
		{"a tool of the module", require + "tool github.com/sqlc-dev/sqlc/cmd/sqlc\n", sqlcRelease, "go tool sqlc"},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			write := func(name, text string) {
				if err := writeFile(filepath.Join(dir, name), []byte(text)); err != nil {
					t.Fatal(err)
				}
			}
			write("go.mod", "module example.com/x\n\ngo 1.26.0\n"+test.mod)
			write("sub/sqlc.yaml", "")
			if test.installed != "" {
				write("bin/sqlc", "#!/bin/sh\necho "+test.installed+"\n")
				if err := os.Chmod(filepath.Join(dir, "bin/sqlc"), 0o755); err != nil {
					t.Fatal(err)
				}
			}
			path := slices.DeleteFunc(filepath.SplitList(os.Getenv("PATH")), func(folder string) bool {
				_, err := os.Stat(filepath.Join(folder, "sqlc"))
				return err == nil // a sqlc of the machine
			})
			t.Setenv("PATH", strings.Join(append(path, filepath.Join(dir, "bin")), string(filepath.ListSeparator)))
			s := &sqlc{env: os.Environ()}
			got := strings.TrimPrefix(strings.Join(s.modules(t.Context(), filepath.Join(dir, "sub")), " "), dir+"/")
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// TestVersion: go prints its downloads before the version of the sqlc that it builds.
func TestVersion(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("sqlc is a shell script")
	}
	file := filepath.Join(t.TempDir(), "sqlc")
	if err := os.WriteFile(file, []byte("#!/bin/sh\necho go: downloading golang.org/x/net v0.49.0 >&2\necho v1.30.0\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	var stderr bytes.Buffer
	s, err := newSQLC(t.Context(), file, ".", &stderr)
	if err != nil {
		t.Fatal(err)
	}
	if want := "duolite: sqlc v1.30.0, run by: " + file + "\n"; s.version != "v1.30.0" || stderr.String() != want {
		t.Errorf("version %q, printed %q; want v1.30.0, %q", s.version, &stderr, want)
	}
}
