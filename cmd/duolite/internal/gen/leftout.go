package gen

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strings"

	"github.com/duolite/duolite/db/dbcheck"
)

// A leftOut leaves queries out of the copies of their files that sqlc and the gate read: queries that
// sqlc refuses, or of which it makes code that doesn't compile. All others are checked without them.
type leftOut struct {
	w       *workspace
	sources []*source
	any     bool // a query is left out
}

// named finds the comment that begins a query.
var named = regexp.MustCompile(`^(--|/\*)\s*name:`)

// isEmpty reports whether a block has no query left: sqlc wants one.
func (l *leftOut) isEmpty() (bool, error) {
	for _, s := range l.sources {
		queries := 0
		for name := range s.files {
			text, err := os.ReadFile(filepath.Join(s.queries, name))
			if err != nil {
				return false, err
			}
			queries += len(queryLines(string(text)))
		}
		if queries == 0 && l.any {
			return true, nil
		}
	}
	return false, nil
}

// refused leaves out the queries that lines of sqlc are about, and returns the lines with the places of
// these queries. run runs sqlc again. If no query can be left out, it returns nothing.
func (l *leftOut) refused(lines []string, run func() ([]string, error)) (refused []string, err error) {
	all := linesFound(lines)
	for _, one := range all {
		if strings.HasPrefix(one.text, one.file+":1:1: ") {
			continue // where sqlc knows no place
		}
		out, err := l.out(one.file, one.line)
		if err != nil {
			return nil, err
		}
		if out {
			refused = append(refused, one.text)
		}
	}
	for i := 0; i < len(all) && len(refused) == 0 && err == nil; i++ {
		refused, err = l.search(cmp.Or(all[i].file, l.onlyFile()), run)
	}
	return refused, err
}

// onlyFile returns the file of queries, if there is only one.
func (l *leftOut) onlyFile() (file string) {
	for _, s := range l.sources {
		for _, path := range s.files {
			if file != "" && file != shown(path) {
				return ""
			}
			file = shown(path)
		}
	}
	return file
}

// search finds the first query of a file at which sqlc fails, and leaves it out. It returns sqlc's lines
// about it, or nothing if there is none. With the file up to that query sqlc fails, and with less of it
// sqlc succeeds.
func (l *leftOut) search(file string, run func() ([]string, error)) (refused []string, err error) {
	path := l.pathOf(file)
	if path == "" {
		return nil, nil
	}
	whole, err := os.ReadFile(l.w.inside(path))
	if err != nil {
		return nil, err
	}
	starts := queryLines(string(whole))
	said := map[int][]string{}
	first := sort.Search(len(starts), func(i int) bool {
		end := len(whole)
		if i+1 < len(starts) {
			end = starts[i+1].offset
		}
		lines, failed := []string(nil), l.w.write(path, whole[:end])
		if failed == nil {
			lines, failed = run()
		}
		said[i], err = lines, errors.Join(err, failed)
		return len(lines) > 0
	})
	err = errors.Join(err, l.w.write(path, whole))
	if err != nil || first == len(starts) {
		return nil, err
	}
	_, err = l.out(file, starts[first].line)
	return placedAt(said[first], file, starts[first].line), err
}

// pathOf returns the path of a file of queries, as which a message has it, or "".
func (l *leftOut) pathOf(file string) string {
	for _, s := range l.sources {
		for _, path := range s.files {
			if shown(path) == file {
				return path
			}
		}
	}
	return ""
}

// placedAt returns the lines of sqlc about a file, with a place where sqlc knows none.
func placedAt(lines []string, file string, line int) (placed []string) {
	for _, one := range linesFound(lines) {
		if rest, ok := strings.CutPrefix(one.text, one.file+":1:1:"); ok || one.file == "" {
			one.text = fmt.Sprintf("%s:%d: %s", file, line, strings.TrimSpace(rest))
		}
		placed = append(placed, one.text)
	}
	return placed
}

// A queryLine is the beginning of a query in a file.
type queryLine struct{ line, offset int }

// queryLines returns the beginnings of all queries in a text.
func queryLines(text string) (starts []queryLine) {
	line, offset := 1, 0
	for one := range strings.Lines(text) {
		if named.MatchString(one) {
			starts = append(starts, queryLine{line, offset})
		}
		line, offset = line+1, offset+len(one)
	}
	return starts
}

// unreadable leaves out the queries that sqlc can't read, or of which it makes code that doesn't
// compile, as the step before sqlc has found.
func (l *leftOut) unreadable(found findings) error {
	for _, one := range found {
		if (one.rule == dbcheck.RuleSource || one.rule == dbcheck.RuleBinding) && one.query != "" {
			if _, err := l.out(one.file, one.line); err != nil {
				return err
			}
		}
	}
	return nil
}

// out leaves out the query at a line of a file. It reports whether there is one.
func (l *leftOut) out(file string, line int) (any bool, err error) {
	for _, s := range l.sources {
		for name, path := range s.files {
			if shown(path) != file {
				continue
			}
			for _, copied := range []string{l.w.inside(path), filepath.Join(s.queries, name)} {
				out, err := blankQuery(copied, line)
				if err != nil {
					return false, err
				}
				any = any || out
			}
		}
	}
	l.any = l.any || any
	return any, nil
}

// blankQuery makes the lines of the query at a line empty. The lines after it keep their numbers.
func blankQuery(file string, line int) (done bool, err error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return false, err
	}
	lines := strings.Split(string(text), "\n")
	first := min(line, len(lines)) - 1
	for first > 0 && !named.MatchString(lines[first]) {
		first--
	}
	if !named.MatchString(lines[first]) || strings.Contains(lines[min(line, len(lines))-1], "dbcheck:allow") {
		return false, nil // a wrong opt-out is no reason
	}
	for i := first; i < len(lines) && (i == first || !named.MatchString(lines[i])); i++ {
		last := i >= line-1 && endsStatement(lines[i])
		if lines[i] = ""; last {
			break
		}
	}
	return true, os.WriteFile(file, []byte(strings.Join(lines, "\n")), 0o666)
}

// endsStatement reports whether a line ends with a semicolon, or with a comment behind one.
func endsStatement(line string) bool {
	code, _, _ := strings.Cut(line, "--")
	return strings.HasSuffix(strings.TrimSpace(code), ";")
}
