package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Exit codes; the help of dbgen lists them.
const (
	exitFindings    = 1
	exitUsage       = 2
	exitInterrupted = 130 // 128 + SIGINT, as shells have it
)

// A usageError is about a flag, the configuration or the set-up, and not about the SQL.
type usageError struct {
	problem string
}

func (e usageError) Error() string { return e.problem }

func badUsage(format string, args ...any) error {
	return usageError{fmt.Sprintf(format, args...)}
}

// A findingsError has one line for each mistake, and a summary with the remedy.
type findingsError struct {
	lines   []string
	summary string
}

func (e findingsError) Error() string { return e.summary }

func (e findingsError) print(stderr io.Writer) {
	for _, line := range e.lines {
		fmt.Fprintln(stderr, line)
	}
}

// report prints err and returns the exit code that belongs to it.
func report(stderr io.Writer, err error) int {
	var usage usageError
	var findings findingsError
	switch {
	case err == nil:
		return 0
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(stderr, "dbgen: interrupted")
		return exitInterrupted
	case errors.As(err, &findings):
		findings.print(stderr)
	}
	fmt.Fprintf(stderr, "dbgen: %s\n", strings.Join(strings.Fields(err.Error()), " "))
	if errors.As(err, &usage) {
		return exitUsage
	}
	return exitFindings
}
