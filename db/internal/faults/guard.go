package faults

import (
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"time"
)

// errHangs is the error of a call that doesn't return long after its time limit.
var errHangs = errors.New("the call doesn't return")

// A panicError is a recovered panic of a call.
type panicError struct {
	value any
	stack string
}

func (e *panicError) Error() string { return fmt.Sprintf("panic: %v, in %s", e.value, e.stack) }

// guard calls f. A panic and a call that hangs become errors.
func guard(f func() error) error {
	done := make(chan error, 1)
	go func() {
		defer func() {
			if value := recover(); value != nil {
				done <- &panicError{value, origin(string(debug.Stack()))}
			}
		}()
		done <- f()
	}()
	timer := time.NewTimer(bound + 30*time.Second)
	defer timer.Stop()
	select {
	case err := <-done:
		return err
	case <-timer.C:
		return errHangs
	}
}

func isHang(err error) bool { return errors.Is(err, errHangs) }

// origin returns the function that panicked.
func origin(stack string) string {
	_, rest, _ := strings.Cut(stack, "panic(")
	for _, line := range strings.Split(rest, "\n")[1:] {
		if !strings.HasPrefix(line, "\t") && !strings.HasPrefix(line, "runtime.") {
			name, _, _ := strings.Cut(line, "(0x")
			return name
		}
	}
	return "?"
}
