package faults

import "time"

// A Fault is what happens to one request on its way, or to its reply.
type Fault int

const (
	// None: the request and its reply pass.
	None Fault = iota
	// CutBefore: the connection ends before anything of the request is passed on.
	CutBefore
	// CutRequest: the server gets the first half of the request, then an end.
	CutRequest
	// CutSent: the server gets the request, and the client loses the connection while
	// the server is at work on it.
	CutSent
	// CutAfter: the connection ends after the server has answered, before anything of the
	// reply is passed on.
	CutAfter
	// CutReply: the client gets the first half of the reply, then an end.
	CutReply
	// Reset: as CutAfter, but by a TCP reset.
	Reset
	// Swallow: the reply vanishes and the connection stays, until the client gives up or
	// [Proxy.SetHold]'s time is over.
	Swallow
	// Latency: the request and the reply take their time.
	Latency
	// Drip: the reply comes in small pieces.
	Drip
	faultCount
)

var faultNames = [faultCount]string{
	"none", "cut before the request", "cut in the request", "cut after the request", "cut before the reply",
	"cut in the reply", "reset before the reply", "reply swallowed", "latency", "slow drip",
}

// String returns the fault in words.
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

// harmless reports whether a call has to succeed in spite of the fault.
func (f Fault) harmless() bool {
	return f == None || f == Latency || f == Drip
}

const (
	// latency is how long [Latency] keeps the request, and the reply again.
	latency = 15 * time.Millisecond
	// A dripping reply comes in so many pieces, and so long after each other.
	dripPieces = 12
	dripPause  = time.Millisecond
	// defaultHold ends the wait of those who have no time limit of their own.
	defaultHold = 300 * time.Millisecond
)
