package suite

import (
	"bytes"
	"encoding/binary"
	"strconv"
	"strings"
)

// A requestCounter counts the HTTP/1.1 requests in the data from a client, and WebSocket
// messages if the connection has become a WebSocket.
type requestCounter struct {
	rest    []byte // incomplete head
	body    int    // bytes of the body still to come
	chunked bool
	frames  bool
}

// count returns the number of requests that begin in data.
func (c *requestCounter) count(data []byte) (n int) {
	for len(data) > 0 {
		if c.body > 0 {
			skip := min(c.body, len(data))
			c.body -= skip
			data = data[skip:]
			continue
		}
		c.rest = append(c.rest, data...)
		data = nil
		size, body, isRequest := c.head()
		if size == 0 {
			return n // the head is incomplete
		}
		if isRequest {
			n++
		}
		data = c.rest[size:]
		c.rest, c.body = nil, body
	}
	return n
}

// head parses a head. It returns the length of the head and of the body that follows, and
// whether it is a request. It returns 0 if the head is incomplete.
func (c *requestCounter) head() (size, body int, isRequest bool) {
	switch {
	case c.frames:
		return frameHead(c.rest)
	case c.chunked:
		return c.chunkHead()
	}
	end := bytes.Index(c.rest, []byte("\r\n\r\n"))
	if end < 0 {
		return 0, 0, false
	}
	for line := range strings.SplitSeq(strings.ToLower(string(c.rest[:end])), "\r\n") {
		name, value, _ := strings.Cut(line, ":")
		switch value = strings.TrimSpace(value); name {
		case "content-length":
			body, _ = strconv.Atoi(value)
		case "transfer-encoding":
			c.chunked = value == "chunked"
		case "upgrade":
			c.frames = value == "websocket"
		}
	}
	return end + 4, body, true
}

func (c *requestCounter) chunkHead() (size, body int, isRequest bool) {
	end := bytes.Index(c.rest, []byte("\r\n"))
	if end < 0 {
		return 0, 0, false
	}
	length, _ := strconv.ParseInt(string(c.rest[:end]), 16, 64)
	c.chunked = length > 0
	return end + 2, int(length) + 2, false
}

// frameHead parses the head of a frame. Control frames don't count as requests.
// https://www.rfc-editor.org/rfc/rfc6455#section-5.2
func frameHead(b []byte) (size, body int, isRequest bool) {
	if len(b) < 2 {
		return 0, 0, false
	}
	size, body = 2, int(b[1]&0x7f)
	switch body {
	case 126:
		size = 4
	case 127:
		size = 10
	}
	if len(b) < size {
		return 0, 0, false
	}
	switch size {
	case 4:
		body = int(binary.BigEndian.Uint16(b[2:]))
	case 10:
		body = int(binary.BigEndian.Uint64(b[2:]))
	}
	if b[1]&0x80 != 0 {
		body += 4 // mask
	}
	opcode := b[0] & 0x0f
	return size, body, opcode == 1 || opcode == 2
}
