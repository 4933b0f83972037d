package faults

import "time"

// A Fault is applied to one request or to its reply.
type Fault int

const (
	// None: the request and its reply pass.
	None Fault = iota
	// CutBefore: the connection is closed before the request is forwarded.
	CutBefore
	// CutRequest: the server gets the first half of the request, and the connection is closed.
	CutRequest
	// CutSent: the server gets the request, and the client's connection is closed while the
	// server processes it.
	CutSent
	// CutAfter: the connection is closed after the server's reply, before any of it is
	// forwarded.
	CutAfter
	// CutReply: the client gets the first half of the reply, and the connection is closed.
	CutReply
	// Reset: as CutAfter, with a TCP reset.
	Reset
	// Swallow: the reply is dropped and the connection stays open until the client gives up or
	// the time of [Proxy.SetHold] is over.
	Swallow
	// Latency: the request and the reply are delayed.
	Latency
	// Drip: the reply is sent in small pieces.
	Drip
	faultCount
)

var faultNames = [faultCount]string{
	"none", "cut before the request", "cut in the request", "cut after the request", "cut before the reply",
	"cut in the reply", "reset before the reply", "reply swallowed", "latency", "slow drip",
}

// String returns the name of the fault.
func (f Fault) String() string {
	if f < 0 || f >= faultCount {
		return "unknown fault"
	}
	return faultNames[f]
}

// All returns every fault, [None] first.
func All() []Fault {
	all := make([]Fault, faultCount)
	for i := range all {
		all[i] = Fault(i)
	}
	return all
}

// harmless reports whether a call must succeed despite the fault.
func (f Fault) harmless() bool {
	return f == None || f == Latency || f == Drip
}

const (
	// latency is the delay of the request, and again of the reply, by [Latency].
	latency = 15 * time.Millisecond
	// The number of pieces of a reply with [Drip], and the pause between them.
	dripPieces = 12
	dripPause  = time.Millisecond
	// defaultHold is the time after which [Swallow] closes the connection.
	defaultHold = 300 * time.Millisecond
)
