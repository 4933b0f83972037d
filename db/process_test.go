package db_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

// childEnv, when it is set, makes the test binary another process: one that takes
// orders from a test.
const childEnv = "DUOLITE_TEST_CHILD"

// orders are what a child can do with an argument. The files of the tests that give
// them add them.
var orders = map[string]func(ctx context.Context, argument string) error{}

func TestMain(m *testing.M) {
	if os.Getenv(childEnv) != "" {
		obey(os.Stdin, os.Stdout)
		return
	}
	os.Exit(max(m.Run(), leftovers()))
}

// leftovers returns 1 if the tests have left a goroutine behind. The connections that
// libsql-client-go keeps are the process's, not a pool's.
func leftovers() int {
	http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	if err := goleak.Find(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// obey does what each line says, and answers with one line: "ok" or an error.
func obey(in io.Reader, out io.Writer) {
	for lines := bufio.NewScanner(in); lines.Scan(); {
		order, argument, _ := strings.Cut(lines.Text(), " ")
		answer := "ok"
		if err := orders[order](context.Background(), argument); err != nil {
			answer = strings.ReplaceAll(err.Error(), "\n", `\n`)
		}
		fmt.Fprintln(out, answer)
	}
}

// A child is another process that runs the test binary.
type child struct {
	orders  io.WriteCloser
	answers *bufio.Reader
}

// startChildren starts n processes, which end with the test.
func startChildren(t *testing.T, n int) []child {
	t.Helper()
	children := make([]child, n)
	for i := range children {
		cmd := exec.Command(os.Args[0])
		// The race detector would let each of them sleep for a second at its end.
		cmd.Env = append(os.Environ(), childEnv+"=1", "GORACE=atexit_sleep_ms=0 "+os.Getenv("GORACE"))
		cmd.Stderr = os.Stderr
		in, inErr := cmd.StdinPipe()
		out, outErr := cmd.StdoutPipe()
		if err := errors.Join(inErr, outErr, cmd.Start()); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			in.Close() // there are no more orders, so it ends
			if err := cmd.Wait(); err != nil {
				t.Errorf("child process: %v", err)
			}
		})
		children[i] = child{in, bufio.NewReader(out)}
	}
	return children
}

// order makes all children do the same thing at the same time, and returns what each
// answers.
func order(t *testing.T, children []child, order, argument string) []string {
	t.Helper()
	for _, c := range children {
		if _, err := fmt.Fprintln(c.orders, order, argument); err != nil {
			t.Fatal(err)
		}
	}
	answers := make([]string, len(children))
	for i, c := range children {
		answer, err := c.answers.ReadString('\n')
		if err != nil {
			t.Fatalf("child %d: %v", i, err)
		}
		answers[i] = strings.TrimSuffix(answer, "\n")
	}
	return answers
}
