package output

import (
	"io"
	"os"
	"strconv"

	"golang.org/x/term"
)

// A Screen describes the capabilities of an output.
type Screen struct {
	// Width is the maximum number of characters in a line. 0 means no limit.
	Width int
	// Color allows escape sequences.
	Color bool
}

// ScreenOf returns the capabilities of w. COLUMNS sets the width, even if w isn't a
// terminal. NO_COLOR (https://no-color.org) and TERM=dumb disable colour.
func ScreenOf(w io.Writer, getenv func(string) string) Screen {
	var screen Screen
	if IsTerminal(w) {
		screen.Width = 80
		if width, _, err := term.GetSize(int(w.(*os.File).Fd())); err == nil && width > 0 {
			screen.Width = width
		}
		screen.Color = getenv("NO_COLOR") == "" && getenv("TERM") != "dumb"
	}
	if width, err := strconv.Atoi(getenv("COLUMNS")); err == nil && width > 0 {
		screen.Width = width
	}
	return screen
}

// IsTerminal reports whether w writes to a terminal.
func IsTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}
