package dbtest

import (
	"io"
	"os"
	"regexp"
	"strings"
)

const (
	tailLines = 40       // lines of a log to show
	tailBytes = 64 << 10 // the most of a log to read for that
)

// A serverLog is the file that one run of a server appends its output to.
type serverLog struct {
	*os.File
	start int64 // where this run's output begins
}

// openLog opens a log, making it if there is none.
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

// output returns what this run has written so far.
func (l *serverLog) output() ([]byte, error) {
	// ReadAt leaves alone the offset, which the server shares.
	info, err := l.Stat()
	if err != nil {
		return nil, err
	}
	out := make([]byte, info.Size()-l.start)
	n, err := l.ReadAt(out, l.start)
	if err == io.EOF {
		err = nil
	}
	return out[:n], err
}

// logTail returns the last lines of a log.
func logTail(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return "", err
	}
	start := max(0, info.Size()-tailBytes)
	text, err := io.ReadAll(io.NewSectionReader(f, start, tailBytes))
	if err != nil {
		return "", err
	}
	return hideTokens(lastLines(string(text), tailLines)), nil
}

// lastLines returns the last n lines of text, without a final line break.
func lastLines(text string, n int) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

// hideTokens replaces what looks like a JSON Web Token. The server doesn't log
// any; this makes sure of it.
func hideTokens(text string) string {
	return tokenPattern.ReplaceAllString(text, "[token]")
}

// tokenPattern matches a JSON Web Token, whose header starts with an encoded
// brace and quote. The signature may be missing.
var tokenPattern = regexp.MustCompile(`eyJ[\w-]+\.[\w-]+(\.[\w-]*)?`)
