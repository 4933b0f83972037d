package work

// A Result is the measurement of a workload in one run. Times are in nanoseconds per
// operation. The workload defines the operation.
type Result struct {
	Ops int `json:"ops"`
	// Wall is the elapsed time, CPU the CPU time of all threads of the process.
	Wall float64 `json:"wall"`
	CPU  float64 `json:"cpu"`
	// Allocs and Bytes count allocations of Go; they are 0 for other languages.
	Allocs float64 `json:"allocs,omitempty"`
	Bytes  float64 `json:"bytes,omitempty"`
	// For readers beside a writer: reads and writes per second, the times of reads and writes, and
	// the number of "database is locked" errors. With a fixed number of writes a second, a write's
	// time begins at the moment for which it was planned.
	Reads    float64 `json:"reads,omitempty"`
	Writes   float64 `json:"writes,omitempty"`
	P50      float64 `json:"p50,omitempty"`
	P99      float64 `json:"p99,omitempty"`
	WriteP50 float64 `json:"write_p50,omitempty"`
	WriteP99 float64 `json:"write_p99,omitempty"`
	Busy     int     `json:"busy,omitempty"`
	// SQLite is the version of SQLite, except for servers.
	SQLite string `json:"sqlite,omitempty"`
	// Error is the reason for a missing figure.
	Error string `json:"error,omitempty"`

	// PeakKiB is the process's peak memory, if the system reports it.
	PeakKiB int64 `json:"peak_kib,omitempty"`

	// The runner adds the requests between client and server per operation, and the number of
	// connections that the process opened.
	Requests    float64 `json:"requests,omitempty"`
	Connections int     `json:"connections,omitempty"`
	Sent        float64 `json:"sent,omitempty"`
	Received    float64 `json:"received,omitempty"`
}
