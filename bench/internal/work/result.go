package work

// A Result is what a contestant measured of a workload in one run. Times are in
// nanoseconds, and of one operation, which is what the workload says.
type Result struct {
	Ops int `json:"ops"`
	// Wall is the time that passed; CPU is the process's own, in all threads.
	Wall float64 `json:"wall"`
	CPU  float64 `json:"cpu"`
	// Allocs and Bytes are of Go's memory; a program in another language has none.
	Allocs float64 `json:"allocs,omitempty"`
	Bytes  float64 `json:"bytes,omitempty"`
	// Of readers beside a writer: how many reads and writes were done in a second, the
	// times of the reads, and how often "database is locked" was the answer.
	Reads  float64 `json:"reads,omitempty"`
	Writes float64 `json:"writes,omitempty"`
	P50    float64 `json:"p50,omitempty"`
	P99    float64 `json:"p99,omitempty"`
	Busy   int     `json:"busy,omitempty"`
	// SQLite is its version; a server has its own.
	SQLite string `json:"sqlite,omitempty"`
	// Error says why there is no figure.
	Error string `json:"error,omitempty"`

	// PeakKiB is the most memory that the process held, where the system tells.
	PeakKiB int64 `json:"peak_kib,omitempty"`

	// The runner adds what passed between client and server, of one operation, and how
	// many connections the process opened.
	Requests    float64 `json:"requests,omitempty"`
	Connections int     `json:"connections,omitempty"`
	Sent        float64 `json:"sent,omitempty"`
	Received    float64 `json:"received,omitempty"`
}
