package gen

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/duolite/duolite/cmd/duolite/internal/usage"
	"github.com/duolite/duolite/db/dbcheck"
)

const (
	sqlcModule = "github.com/sqlc-dev/sqlc"
	sqlcMain   = sqlcModule + "/cmd/sqlc"
	// sqlcRelease is the release of sqlc for a module that requires none.
	sqlcRelease = "v1.31.1"
)

// A sqlc runs sqlc.
type sqlc struct {
	words   []string
	env     []string
	version string
}

// newSQLC finds a sqlc that runs, and says which. command is the command for it, or "" for the sqlc of
// the module in dir. The first time that may have to be built.
func newSQLC(ctx context.Context, command, dir string, stderr io.Writer) (*sqlc, error) {
	s := &sqlc{words: strings.Fields(command), env: os.Environ()}
	if _, ok := os.LookupEnv("CGO_ENABLED"); !ok {
		// Its parser is then WebAssembly: no C compiler is needed.
		s.env = append(s.env, "CGO_ENABLED=0")
	}
	if command == "" {
		s.words = s.modules(ctx, dir)
	}
	if len(s.words) == 0 {
		return nil, usage.Errorf("--sqlc is empty: want a command, such as %q", "go tool sqlc")
	}
	slow := time.AfterFunc(5*time.Second, func() {
		fmt.Fprintln(stderr, "duolite: waiting for sqlc; where it has to be built first, that takes some minutes")
	})
	defer slow.Stop()
	out, err := s.run(ctx, "version")
	if err == nil && strings.TrimSpace(out) == "" {
		err = errors.New("it prints no version")
	}
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, usage.Errorf("sqlc can't be run by %q: %v: %s; add it by: go get -tool %s@%s, or name the command with --sqlc",
			strings.Join(s.words, " "), err, strings.TrimSpace(out), sqlcMain, sqlcRelease)
	}
	words := strings.Fields(out) // go run may print other lines before
	s.version = words[len(words)-1]
	fmt.Fprintf(stderr, "duolite: sqlc %s, run by: %s\n", s.version, strings.Join(s.words, " "))
	return s, nil
}

// modules returns the command for the version of sqlc that the module in dir requires, or for
// sqlcRelease. An installed sqlc of that version has to be neither built nor linked.
func (s *sqlc) modules(ctx context.Context, dir string) []string {
	version, isTool := required(ctx, dir)
	want := cmp.Or(version, sqlcRelease)
	if path, err := exec.LookPath("sqlc"); err == nil {
		installed := &sqlc{words: []string{path}, env: s.env}
		if out, err := installed.run(ctx, "version"); err == nil && strings.TrimSpace(out) == want {
			return installed.words
		}
	}
	switch {
	case isTool:
		return []string{"go", "tool", "sqlc"}
	case version != "":
		return []string{"go", "run", sqlcMain}
	}
	return []string{"go", "run", sqlcMain + "@" + want}
}

// required returns the version of sqlc that the module in dir requires, or "". It reports whether sqlc is
// a tool of the module.
func required(ctx context.Context, dir string) (version string, isTool bool) {
	cmd := command(ctx, "go", "mod", "edit", "-json")
	cmd.Dir = dir
	out, err := cmd.Output()
	if err != nil {
		return "", false // no module
	}
	var mod struct {
		Require []struct{ Path, Version string }
		Tool    []struct{ Path string }
	}
	if err := json.Unmarshal(out, &mod); err != nil {
		return "", false
	}
	for _, r := range mod.Require {
		if r.Path == sqlcModule {
			version = r.Version
		}
	}
	for _, t := range mod.Tool {
		isTool = isTool || t.Path == sqlcMain
	}
	return version, isTool
}

// generate has sqlc write its code into the workspace. A query that sqlc refuses is a finding: it is
// left out then, so that the others can be checked. It reports whether there is code.
func (s *sqlc) generate(ctx context.Context, c *config, w *workspace, left *leftOut, found *findings, stderr io.Writer) (ok bool, err error) {
	file := w.inside(c.absolute())
	schema, err := newSchemaCopy(ctx, s, c, w)
	if err != nil {
		return false, err
	}
	// verb runs a subcommand, again if the schema could be lessened.
	verb := func(name string) ([]string, error) {
		lines, err := s.verb(ctx, w, name, file)
		if err != nil {
			return nil, err
		}
		if lessened, err := schema.lessen(lines, stderr); err != nil || !lessened {
			return lines, err
		}
		return s.verb(ctx, w, name, file)
	}
	if c.vets() {
		lines, err := verb("vet")
		if err != nil {
			return false, err
		}
		found.addLines(lines...)
	}
	for {
		if none, err := left.isEmpty(); none || err != nil {
			return false, err
		}
		lines, err := verb("generate")
		if err != nil || len(lines) == 0 {
			return err == nil, err
		}
		refused, err := left.refused(lines, func() ([]string, error) { return s.verb(ctx, w, "generate", file) })
		if err != nil {
			return false, err
		}
		if len(refused) == 0 {
			found.addLines(lines...)
			return false, nil
		}
		for _, line := range refused {
			line, _, _ = strings.Cut(line, " expecting {") // with all words of SQL
			found.addLines(line)
		}
	}
}

// explain makes one finding of all in a file behind a character outside ASCII: they are one mistake.
func (s *sqlc) explain(found *findings) {
	if !countsCharacters.MatchString(s.version) {
		return
	}
	slices.SortStableFunc(*found, finding.compare)
	var kept findings
	first, count := map[string]int{}, map[string]int{} // of such findings, by file
	for _, one := range *found {
		if one.file != "" && (one.step == buildStep || one.rule == dbcheck.RuleText) {
			if line := outsideASCII(one.file, one.line); line > 0 {
				if count[one.file]++; count[one.file] > 1 {
					continue
				}
				first[one.file] = len(kept)
				if one.step == buildStep {
					one.text += fmt.Sprintf("; if that isn't so: sqlc %s counts characters where the text has bytes, and line %d has one outside ASCII", s.version, line)
				}
			}
		}
		kept = append(kept, one)
	}
	for file, n := range count {
		if n > 1 {
			kept[first[file]].text += fmt.Sprintf("; findings of the file with the same reason: %d", n)
		}
	}
	*found = kept
}

// outsideASCII returns the first line of a file that has a character outside ASCII, if it isn't behind the
// statement at a line, or 0.
func outsideASCII(file string, at int) int {
	text, err := os.ReadFile(file)
	if err != nil {
		return 0
	}
	for i, line := range strings.Split(string(text), "\n") {
		if strings.IndexFunc(line, func(r rune) bool { return r > unicode.MaxASCII && r != '\ufeff' }) >= 0 {
			return i + 1
		}
		if i >= at-1 && endsStatement(line) {
			break
		}
	}
	return 0
}

// countsCharacters finds the releases of sqlc that count a character outside ASCII as one byte. They lose
// the end of queries, or can't read them.
var countsCharacters = regexp.MustCompile(`^v1\.([0-9]|[12][0-9]|3[01])\.`)

// verb runs a subcommand of sqlc, and returns the lines that it prints if it fails.
func (s *sqlc) verb(ctx context.Context, w *workspace, verb, file string) ([]string, error) {
	out, err := s.run(ctx, verb, "-f", file)
	_, exited := errors.AsType[*exec.ExitError](err)
	switch {
	case err == nil || ctx.Err() != nil:
		return nil, ctx.Err()
	case !exited || strings.TrimSpace(out) == "":
		return nil, fmt.Errorf("sqlc %s: %w", verb, err)
	}
	lines := strings.Split(strings.TrimSpace(w.real(out)), "\n")
	lines = slices.DeleteFunc(lines, func(line string) bool { return strings.HasPrefix(line, "exit status ") }) // of go run
	for _, line := range lines {
		if strings.HasPrefix(line, "panic: ") { // the rest is a trace of its own code
			return []string{"sqlc " + verb + ": " + line}, nil
		}
	}
	// sqlc prints code before it says that it doesn't compile.
	if i := slices.IndexFunc(lines, func(line string) bool { return strings.HasPrefix(line, "# package ") }); i >= 0 && i < len(lines)-1 {
		lines = lines[i+1:]
	}
	return lines, nil
}

// run runs sqlc, and returns its output.
func (s *sqlc) run(ctx context.Context, args ...string) (string, error) {
	cmd := command(ctx, s.words[0], append(s.words[1:len(s.words):len(s.words)], args...)...)
	cmd.Env = s.env
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	if _, exited := errors.AsType[*exec.ExitError](err); exited && len(bytes.TrimSpace(out.Bytes())) == 0 {
		err = fmt.Errorf("%w, without any output", err)
	}
	return out.String(), err
}

// command returns a program that is interrupted when ctx ends, and killed later.
func command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 2 * time.Second // for a program that can't, and for programs that it started
	return cmd
}
