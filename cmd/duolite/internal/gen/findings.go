package gen

import (
	"cmp"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"

	"github.com/duolite/duolite/cmd/duolite/internal/usage"
	"github.com/duolite/duolite/db/dbcheck"
)

// A finding is one mistake, in one line.
type finding struct {
	step step
	file string // "" if the line names no place
	line int
	text string
	// query and rule are set for a finding of the gate.
	query string
	rule  dbcheck.Rule
}

// A step is the step of duolite gen that has found something.
type step int

const (
	readStep  step = iota // before sqlc runs
	buildStep             // sqlc, the iterators or the compiler
	gateStep
	driftStep // a file that isn't up to date
)

// findings are the mistakes that all steps have found.
type findings []finding

// place finds the place that a line of sqlc or the compiler begins with.
var place = regexp.MustCompile(`^((?:[A-Za-z]:)?[^:\s][^:]*):(\d+):(?:\d+:)? `)

// addLines adds the lines of sqlc or the compiler that name a place, or all if none does.
func (f *findings) addLines(lines ...string) { *f = append(*f, linesFound(lines)...) }

func linesFound(lines []string) (f findings) {
	placed := slices.DeleteFunc(slices.Clone(lines), func(line string) bool { return !place.MatchString(line) })
	if len(placed) == 0 {
		placed = lines
	}
	for _, line := range placed {
		one := finding{step: buildStep, text: line}
		if m := place.FindStringSubmatch(line); m != nil {
			one.file = shown(m[1])
			one.line, _ = strconv.Atoi(m[2])
			one.text = one.file + line[len(m[1]):]
		}
		f = append(f, one)
	}
	return f
}

// addChecked adds a finding of the gate. It leaves it out if the step before sqlc has found the same
// mistake, in other words.
func (f *findings) addChecked(step step, one dbcheck.Finding) {
	known := func(other finding) bool {
		return other.step == readStep && step == gateStep &&
			other.file == one.File && other.line == one.Line && other.query == one.Query && other.rule == one.Rule
	}
	if !slices.ContainsFunc(*f, known) {
		*f = append(*f, finding{step: step, file: one.File, line: one.Line, text: fmt.Sprintf("%s (%s)", one, one.Rule), query: one.Query, rule: one.Rule})
	}
}

// addDrift adds the files that aren't up to date.
func (f *findings) addDrift(changes []change) {
	for _, c := range changes {
		path := shown(c.path)
		*f = append(*f, finding{step: driftStep, file: path, text: path + " " + c.is})
	}
}

// err returns the findings as an error, sorted by file and line, or nil if there are none.
func (f findings) err() error {
	if len(f) == 0 {
		return nil
	}
	slices.SortStableFunc(f, finding.compare)
	e := usage.Findings{}
	for _, one := range f {
		e.Lines = append(e.Lines, one.text)
	}
	e.Lines = slices.Compact(e.Lines) // a method and its iterator often have the same to say
	e.Summary = f.summary(len(e.Lines))
	return e
}

// print prints the findings before an error that ends the command.
func (f findings) print(stderr io.Writer) {
	if e, ok := f.err().(usage.Findings); ok {
		e.Print(stderr)
	}
}

// compare compares places.
func (one finding) compare(other finding) int {
	return cmp.Or(cmp.Compare(one.file, other.file), cmp.Compare(one.line, other.line))
}

// summary has the remedies.
func (f findings) summary(lines int) string {
	has := func(what func(finding) bool) bool { return slices.ContainsFunc(f, what) }
	if !has(func(one finding) bool { return one.step != driftStep }) {
		return "the code isn't up to date with the queries: run duolite gen"
	}
	text := fmt.Sprintf("findings: %d; nothing is written", lines)
	if has(func(one finding) bool { return one.rule != "" }) {
		text += ". A query opts out of a rule by a comment: -- dbcheck:allow RULE: reason"
	}
	return text
}
