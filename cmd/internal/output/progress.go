package output

import (
	"os"

	"github.com/schollz/progressbar/v3"
)

// Progress returns a progress bar of n steps on standard error. It is silent if standard error isn't a
// terminal.
func Progress(n int64, description string, opts ...progressbar.Option) *progressbar.ProgressBar {
	if !IsTerminal(os.Stderr) || n == 0 {
		return progressbar.DefaultSilent(n)
	}
	return progressbar.NewOptions64(n, append([]progressbar.Option{
		progressbar.OptionSetWriter(os.Stderr),
		progressbar.OptionSetDescription(description),
		progressbar.OptionShowCount(),
		progressbar.OptionSetWidth(30),
		progressbar.OptionClearOnFinish(),
	}, opts...)...)
}

// Spinner shows on standard error that something runs, and for how long, until stop is called. It is silent if
// standard error isn't a terminal.
func Spinner(description string) (stop func()) {
	if !IsTerminal(os.Stderr) {
		return func() {}
	}
	spinner := progressbar.NewOptions64(-1,
		progressbar.OptionSetWriter(os.Stderr),
		progressbar.OptionSetDescription(description),
		progressbar.OptionSetRenderBlankState(true), // otherwise it waits for the first step
		progressbar.OptionClearOnFinish())
	return func() { _ = spinner.Finish() }
}
