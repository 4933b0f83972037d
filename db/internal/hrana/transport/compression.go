package transport

import (
	"net/http"
	"time"

	"github.com/duolite/duolite/db/internal/hrana/wire"
)

// sameDataCenterTime is the longest answer time that proves the server to be in the same data
// center. There, compression takes longer than it saves. No server outside can answer as fast.
const sameDataCenterTime = time.Millisecond

// noteAnswerTime looks whether the answer time proves the server to be in the same data center.
func (c *Client) noteAnswerTime(took time.Duration) {
	if took < sameDataCenterTime && !c.http.DisableCompression && !c.sameDataCenter.Load() {
		c.sameDataCenter.Store(true)
	}
}

// header returns the headers of a request in an encoding. Without an Accept-Encoding in them, net/http asks
// for a compressed answer, unless DisableCompression is set.
func (c *Client) header(key *Key, codec wire.Codec) http.Header {
	h := &key.json
	if codec == wire.Protobuf {
		h = &key.protobuf
	}
	if c.sameDataCenter.Load() {
		return h.plain
	}
	return h.any
}

// headers are the headers of requests in one encoding.
type headers struct {
	any   http.Header
	plain http.Header // asks for an uncompressed answer
}

func newHeaders(base http.Header, contentType string) headers {
	h := headers{base.Clone(), base.Clone()}
	h.any.Set("Content-Type", contentType)
	h.plain.Set("Content-Type", contentType)
	h.plain.Set("Accept-Encoding", "identity")
	return h
}
