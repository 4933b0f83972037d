// Package usage has the errors of the command's verbs that have exit codes of their own.
package usage

import (
	"fmt"
	"io"
)

// An Error is about the command line, a configuration or the set-up, and not about the work.
type Error struct{ problem string }

func (e Error) Error() string { return e.problem }

// Errorf returns an [Error].
func Errorf(format string, args ...any) error {
	return Error{fmt.Sprintf(format, args...)}
}

// Findings is an error that has one line for each mistake that was found.
type Findings struct {
	Lines   []string
	Summary string
}

func (f Findings) Error() string { return f.Summary }

// Print prints the lines.
func (f Findings) Print(w io.Writer) {
	for _, line := range f.Lines {
		fmt.Fprintln(w, line)
	}
}
