package dbtest

import (
	"io"
	"os"
	"regexp"
	"strings"
)

const (
	tailLines = 40       // lines of a log to show
	tailBytes = 64 << 10 // maximum size to read for them
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
	// ReadAt doesn't move the file offset, which the server shares.
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

// hideTokens replaces JSON Web Tokens. The server logs none; this makes sure of it.
func hideTokens(text string) string {
	return tokenPattern.ReplaceAllString(text, "[token]")
}

// tokenPattern matches a JSON Web Token, with or without its signature. Its header begins with
// an encoded brace and quote.
var tokenPattern = regexp.MustCompile(`eyJ[\w-]+\.[\w-]+(\.[\w-]*)?`)
