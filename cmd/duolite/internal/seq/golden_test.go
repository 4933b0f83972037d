package seq_test

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/duolite/duolite/cmd/duolite/internal/seq"
	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the iterators of testdata anew")

// TestGolden compares the iterators for each form of sqlc's code with those in testdata.
func TestGolden(t *testing.T) {
	for _, dir := range cases(t) {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			sqlc, want := read(t, dir)
			got, err := seq.Generate(filepath.ToSlash(dir), sqlc)
			if err != nil {
				t.Fatal(err)
			}
			if *update {
				write(t, dir, got)
				return
			}
			if diff := cmp.Diff(texts(want), texts(got)); diff != "" {
				t.Errorf("(-want +got; go test -update writes them anew):\n%s", diff)
			}
		})
	}
}

// TestVet: what is in testdata compiles, and go vet finds nothing.
func TestVet(t *testing.T) {
	args := []string{"vet"}
	for _, dir := range cases(t) {
		args = append(args, "./"+filepath.ToSlash(dir))
	}
	if out, err := exec.CommandContext(t.Context(), "go", args...).CombinedOutput(); err != nil {
		t.Errorf("go %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

func cases(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/*/db.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases in testdata: %v", err)
	}
	for i := range files {
		files[i] = filepath.Dir(files[i])
	}
	return files
}

// read returns what is in dir of sqlc's, and of iterators.
func read(t *testing.T, dir string) (sqlc, iterators map[string][]byte) {
	t.Helper()
	sqlc, iterators = map[string][]byte{}, map[string][]byte{}
	files, err := filepath.Glob(dir + "/*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if name = filepath.Base(name); strings.HasSuffix(name, ".seq.go") {
			iterators[name] = text
		} else {
			sqlc[name] = text
		}
	}
	return sqlc, iterators
}

func write(t *testing.T, dir string, files map[string][]byte) {
	t.Helper()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func texts(files map[string][]byte) map[string]string {
	all := map[string]string{}
	for name, text := range files {
		all[name] = string(text)
	}
	return all
}
