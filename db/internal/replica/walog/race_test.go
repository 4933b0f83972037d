//go:build race

package walog

// raceEnabled reports whether the race detector is on.
const raceEnabled = true
