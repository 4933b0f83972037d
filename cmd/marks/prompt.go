package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// confirm asks a question on the terminal. It returns an error unless the answer is yes.
func confirm(ctx context.Context, question string) error {
	fmt.Fprintf(os.Stderr, "%s [y/N] ", question)
	answer, err := await(ctx, func() (string, error) { return bufio.NewReader(os.Stdin).ReadString('\n') })
	if err != nil {
		fmt.Fprintln(os.Stderr) // end the line of the question, as no answer did
	}
	switch answer = strings.ToLower(strings.TrimSpace(answer)); {
	case answer == "y", answer == "yes":
		return nil
	case answer != "" || err == nil:
		return errors.New("nothing changed")
	case errors.Is(err, io.EOF):
		return badUsage("nobody answered; give --yes")
	default:
		return err
	}
}

// await runs fn, which reads standard input, in a goroutine. It returns when fn returns or
// ctx ends, because a signal doesn't interrupt a read.
func await[T any](ctx context.Context, fn func() (T, error)) (value T, err error) {
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
