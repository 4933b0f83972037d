package suite

import (
	"encoding/json"
	"os"
	"time"

	"github.com/duolite/duolite/bench/internal/work"
)

// Results are those of all rounds, as they are kept.
type Results struct {
	Form    string    `json:"form"`
	Started time.Time `json:"started"`
	// Took is in seconds.
	Took    float64           `json:"took"`
	Machine Machine           `json:"machine"`
	Version map[string]string `json:"versions"`
	LeftOut map[string]string `json:"left_out,omitempty"`
	Runs    []Run             `json:"runs"`
}

// A Run is one contestant's figure for a workload in one round.
type Run struct {
	// Section is "local", "remote" or "growth".
	Section    string `json:"section"`
	Workload   string `json:"workload"`
	Title      string `json:"title"`
	Contestant string `json:"contestant"`
	Round      int    `json:"round"`
	// Rows is how many an operation has, Size how many bookmarks there are, Delay the
	// round trip in milliseconds.
	Rows  int   `json:"rows"`
	Size  int   `json:"size"`
	Delay int64 `json:"delay"`
	work.Result
}

// Write keeps the results.
func (r *Results) Write(path string) error {
	data, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(data, '\n'), 0o644)
}

// Read returns results that were kept.
func Read(path string) (*Results, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	r := &Results{}
	return r, json.Unmarshal(data, r)
}
