package suite

import (
	"os"
	"path/filepath"
	"testing"
)

// TestMechanisms: the edits fit the code, and the workloads exist.
func TestMechanisms(t *testing.T) {
	wd, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(filepath.Join(wd, "../..")) // the module's folder, as for make rent
	s := &session{plan: Short}
	for _, m := range Mechanisms {
		for _, name := range m.Workloads {
			if _, err := s.workload(m, name); err != nil {
				t.Errorf("%s: %v", m.Name, err)
			}
		}
		if _, err := writeOverlay(m, filepath.Join(t.TempDir(), "duolite")); err != nil {
			t.Error(err)
		}
	}
}
