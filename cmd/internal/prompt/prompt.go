// Package prompt asks the user of a command.
package prompt

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

var (
	// ErrRefused: the answer wasn't yes.
	ErrRefused = errors.New("nothing changed")
	// ErrNoAnswer: standard input has ended.
	ErrNoAnswer = errors.New("nobody answered; give --yes")
)

// Confirm asks a question on standard error. It returns an error unless the answer on standard input is
// yes.
func Confirm(ctx context.Context, question string) error {
	fmt.Fprintf(os.Stderr, "%s [y/N] ", question)
	answer, err := Await(ctx, func() (string, error) { return bufio.NewReader(os.Stdin).ReadString('\n') })
	if err != nil {
		fmt.Fprintln(os.Stderr) // end the line of the question, as no answer did
	}
	switch answer = strings.ToLower(strings.TrimSpace(answer)); {
	case answer == "y", answer == "yes":
		return nil
	case answer != "" || err == nil:
		return ErrRefused
	case errors.Is(err, io.EOF):
		return ErrNoAnswer
	default:
		return err
	}
}

// CanAsk reports whether standard input and standard error are terminals.
func CanAsk() bool {
	return term.IsTerminal(int(os.Stdin.Fd())) && term.IsTerminal(int(os.Stderr.Fd()))
}

// Secret asks for a secret on the terminal, which doesn't show it.
func Secret(ctx context.Context, question string) (string, error) {
	terminal := int(os.Stdin.Fd())
	before, err := term.GetState(terminal)
	if err != nil {
		return "", err
	}
	fmt.Fprintf(os.Stderr, "%s ", question)
	secret, err := Await(ctx, func() ([]byte, error) { return term.ReadPassword(terminal) })
	fmt.Fprintln(os.Stderr)
	if err != nil {
		_ = term.Restore(terminal, before) // the read goes on, and would leave the echo off
	}
	return strings.TrimSpace(string(secret)), err
}

// Await runs fn, which reads standard input, in a goroutine. It returns when fn returns or ctx ends,
// because a signal doesn't interrupt a read.
func Await[T any](ctx context.Context, fn func() (T, error)) (value T, err error) {
	done := make(chan func() (T, error), 1)
	go func() {
		value, err := fn()
		done <- func() (T, error) { return value, err }
	}()
	select {
	case result := <-done:
		return result()
	case <-ctx.Done():
		return value, ctx.Err()
	}
}
