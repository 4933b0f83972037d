package hrana

import (
	"net/http"
	"time"
)

// nearTime is how fast a server has to answer, once, to be taken for near: in the same
// data center. There, compressing takes longer than it saves on the way; no server far
// away can be as fast, whatever lies between.
const nearTime = time.Millisecond

// answered notes how long an answer took.
func (d *database) answered(took time.Duration) {
	if took < nearTime && !d.transport.DisableCompression && !d.near.Load() {
		d.near.Store(true)
	}
}

// header returns the headers of a request. Those that name no coding make the transport
// ask for a compressed answer, unless it is told never to.
func (d *database) header(bearer *key) http.Header {
	if d.near.Load() {
		return bearer.plain
	}
	return bearer.header
}

// uncompressed returns the headers that ask for an answer as it is.
func uncompressed(header http.Header) http.Header {
	plain := header.Clone()
	plain.Set("Accept-Encoding", "identity")
	return plain
}
