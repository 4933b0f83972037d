package conformance_test

import (
	"flag"
	"os"
	"testing"
)

// TestMain runs more topics at a time than there are processors: most cases wait, for a server, for a lock,
// or for a time limit.
func TestMain(m *testing.M) {
	flag.Parse()
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "test.parallel" })
	if !given {
		_ = flag.Set("test.parallel", "4")
	}
	os.Exit(m.Run())
}
