package dbtest

import (
	"io"
	"math"
	"os"
	"regexp"
	"strings"
)

const (
	tailLines = 40       // lines of a log to show
	tailBytes = 64 << 10 // maximum size of them
)

// A serverLog is the log file of one run of a server.
type serverLog struct {
	*os.File
	start int64 // offset at which this run's output begins
}

// openLog opens a log, and creates it if necessary.
func openLog(path string) (*serverLog, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, err
	}
	return &serverLog{File: f, start: info.Size()}, nil
}

// output returns the output of this run so far.
func (l *serverLog) output() ([]byte, error) {
	// This doesn't move the file offset, which the server shares.
	return io.ReadAll(io.NewSectionReader(l, l.start, math.MaxInt64))
}

// logTail returns the last lines of a log.
func logTail(path string) (string, error) {
	text, err := os.ReadFile(path)
	return hideTokens(lastLines(string(text[max(0, len(text)-tailBytes):]), tailLines)), err
}

// lastLines returns the last n lines of text, without a final line break.
func lastLines(text string, n int) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

// hideTokens replaces JSON Web Tokens. The server logs none; this makes sure of it.
func hideTokens(text string) string {
	return tokenPattern.ReplaceAllString(text, "[token]")
}

// tokenPattern matches a JSON Web Token, with or without its signature. Its header begins with
// an encoded brace and quote.
var tokenPattern = regexp.MustCompile(`eyJ[\w-]+\.[\w-]+(\.[\w-]*)?`)
