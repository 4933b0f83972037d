//go:build race

package seq_test

func init() { raceDetector = true }
