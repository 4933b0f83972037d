package report

import (
	"encoding/xml"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/duolite/duolite/bench/internal/suite"
)

// TestDrawWalk: the page has the walk's figures, and the picture is valid and has its moments.
func TestDrawWalk(t *testing.T) {
	w := &suite.Walk{
		Moments:    []suite.Moment{{At: 1, Text: "the network is cut"}, {At: 3, Text: "the network is back"}},
		WriteError: "can't reach the server", WriteFailed: 0.002, Missed: 77, CaughtUp: 0.012, OwnWrite: 0.004,
	}
	for i := range 80 {
		w.Steps = append(w.Steps, suite.Step{At: float64(i) / 20, Lag: float64(max(0, i-20)) / 20, Read: 3e-5, Slowest: 1e-3, Reads: 10})
	}
	dir := t.TempDir()
	if err := DrawWalk(w, "results/walk.json", dir); err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(filepath.Join(dir, "replicas.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"can't reach the server", "77 transactions", "after 2.00 ms", "380 reads, of 30.0 µs each"} {
		if !strings.Contains(string(page), want) {
			t.Errorf("the page doesn't say %q:\n%s", want, page)
		}
	}
	picture, err := os.Open(filepath.Join(dir, "replicas", "walk.svg"))
	if err != nil {
		t.Fatal(err)
	}
	defer picture.Close()
	var text strings.Builder
	for decoder := xml.NewDecoder(picture); ; {
		token, err := decoder.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if data, ok := token.(xml.CharData); ok {
			text.Write(data)
		}
	}
	for _, m := range w.Moments {
		if !strings.Contains(text.String(), m.Text) {
			t.Errorf("the picture doesn't have the moment %q", m.Text)
		}
	}
}
