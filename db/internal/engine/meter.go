package engine

import "time"

// A Meter counts the work of a connection. Its counts only grow.
type Meter struct {
	// Requests to a server, of which Repeats were sent again.
	Requests, Repeats int64
	// Sent and Received are the bytes of bodies, without compression.
	Sent, Received int64
	// Waits and Waited are the number and the length of waits for the turn to write, for a lock, or
	// for a busy server.
	Waits  int64
	Waited time.Duration
}

// Add adds other to m.
func (m *Meter) Add(other Meter) {
	m.Requests += other.Requests
	m.Repeats += other.Repeats
	m.Sent += other.Sent
	m.Received += other.Received
	m.Waits += other.Waits
	m.Waited += other.Waited
}

// Wait counts a wait that began at a time.
func (m *Meter) Wait(since time.Time) {
	m.Waits++
	m.Waited += time.Since(since)
}

// Metered is a connection with meters.
type Metered interface {
	// Meters returns the connection's meters, which it goes on to change. The caller reads them between
	// two calls.
	Meters() []*Meter
}

// FileCounts are counts of a connection to a file.
type FileCounts struct {
	// PageHits and PageMisses are the pages that the connection's cache had, and those that were read
	// from the file or its log.
	PageHits, PageMisses int64
	// Checkpoints is the number of times that this process began to move the log into the file, on
	// all connections.
	Checkpoints int64
}

// FileCounter is a connection that counts the work on its file.
type FileCounter interface {
	FileCounts() FileCounts
}
