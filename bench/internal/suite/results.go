package suite

import (
	"encoding/json"
	"os"
	"time"

	"github.com/duolite/duolite/bench/internal/work"
)

// Results are the results of all rounds, in their JSON form.
type Results struct {
	Form    string    `json:"form"`
	Started time.Time `json:"started"`
	// Took is the duration in seconds.
	Took    float64           `json:"took"`
	Machine Machine           `json:"machine"`
	Version map[string]string `json:"versions"`
	LeftOut map[string]string `json:"left_out,omitempty"`
	Runs    []Run             `json:"runs"`
}

// A Run is a contestant's result for a workload in one round.
type Run struct {
	// Section is "local", "remote" or "growth".
	Section    string `json:"section"`
	Workload   string `json:"workload"`
	Title      string `json:"title"`
	Contestant string `json:"contestant"`
	Round      int    `json:"round"`
	// Rows is the number of rows of an operation, Size the number of bookmarks, Delay the
	// round-trip time in milliseconds.
	Rows  int   `json:"rows"`
	Size  int   `json:"size"`
	Delay int64 `json:"delay"`
	work.Result
}

// Write writes the results to a file.
func (r *Results) Write(path string) error {
	data, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(data, '\n'), 0o644)
}

// Read reads results from a file.
func Read(path string) (*Results, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	r := &Results{}
	return r, json.Unmarshal(data, r)
}
