package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/duolite/duolite/cmd/duolite/internal/usage"
)

// Exit codes; duolite --help lists them.
const (
	exitFailed      = 1
	exitUsage       = 2
	exitInterrupted = 130 // 128 + SIGINT, as shells have it
)

// report prints err and returns the exit code that belongs to it.
func report(stderr io.Writer, err error) int {
	var wrong usage.Error
	var findings usage.Findings
	switch {
	case err == nil:
		return 0
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(stderr, "duolite: interrupted")
		return exitInterrupted
	case errors.As(err, &findings):
		findings.Print(stderr)
	}
	fmt.Fprintf(stderr, "duolite: %s\n", strings.Join(strings.Fields(err.Error()), " "))
	if errors.As(err, &wrong) {
		return exitUsage
	}
	return exitFailed
}
