package faults

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// maxMessage limits the size of a message.
const maxMessage = 256 << 20

// A message is a complete HTTP/1.1 request or reply, or a WebSocket frame.
type message struct {
	raw    []byte // the bytes on the wire
	first  string // first line of an HTTP message
	header http.Header
	body   []byte // without chunks or mask
	data   bool   // not a control frame
	last   bool   // the connection closes after it
}

// readHTTP reads a message. It rewrites the header of a request for host.
func readHTTP(r *bufio.Reader, host string) (message, error) {
	m := message{header: http.Header{}, data: true}
	var raw bytes.Buffer
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return m, err
		}
		text := strings.TrimRight(line, "\r\n")
		name, value, _ := strings.Cut(text, ":")
		switch {
		case m.first == "":
			m.first = text
		case text == "":
			raw.WriteString(line)
			err = m.readBody(r, &raw, host == "")
			m.raw = raw.Bytes()
			return m, err
		case host != "" && strings.EqualFold(name, "Host"):
			line = "Host: " + host + "\r\n"
		case host != "" && strings.EqualFold(name, "Accept-Encoding"):
			line = "" // replies must not be compressed
		}
		m.header.Add(name, strings.TrimSpace(value))
		raw.WriteString(line)
	}
}

func (m *message) readBody(r *bufio.Reader, raw *bytes.Buffer, reply bool) error {
	length, err := strconv.ParseInt(m.header.Get("Content-Length"), 10, 64)
	switch {
	case reply && !m.hasBody(): // sqld sends a length anyway
		return nil
	case strings.EqualFold(m.header.Get("Transfer-Encoding"), "chunked"):
		return m.readChunks(r, raw)
	case err == nil && (length < 0 || length > maxMessage):
		return fmt.Errorf("a message of %d bytes", length)
	case err == nil:
		m.body = make([]byte, length)
		_, err = io.ReadFull(r, m.body)
	case reply:
		m.last = true
		m.body, err = io.ReadAll(io.LimitReader(r, maxMessage))
	default:
		return nil
	}
	raw.Write(m.body)
	return err
}

// hasBody reports whether a reply may have a body.
func (m *message) hasBody() bool {
	status := m.status()
	return status >= 200 && status != http.StatusNoContent && status != http.StatusNotModified
}

func (m *message) status() int {
	fields := strings.Fields(m.first)
	if len(fields) < 2 {
		return 0
	}
	status, _ := strconv.Atoi(fields[1])
	return status
}

func (m *message) readChunks(r *bufio.Reader, raw *bytes.Buffer) error {
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return err
		}
		raw.WriteString(line)
		digits, _, _ := strings.Cut(strings.TrimSpace(line), ";")
		size, err := strconv.ParseInt(digits, 16, 64)
		if err != nil || size < 0 || size > maxMessage-int64(raw.Len()) {
			return fmt.Errorf("a chunk of the size %q", digits)
		}
		chunk := make([]byte, size+2) // with its line end
		if _, err := io.ReadFull(r, chunk); err != nil {
			return err
		}
		raw.Write(chunk)
		m.body = append(m.body, chunk[:size]...)
		if size == 0 { // no client or server here sends trailers
			return nil
		}
	}
}
