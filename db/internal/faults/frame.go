package faults

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
)

// readFrame reads a frame of a WebSocket. https://www.rfc-editor.org/rfc/rfc6455#section-5.2
func readFrame(r *bufio.Reader) (message, error) {
	raw := make([]byte, 2, 64)
	if _, err := io.ReadFull(r, raw); err != nil {
		return message{}, err
	}
	more := func(n int) ([]byte, error) {
		start := len(raw)
		raw = append(raw, make([]byte, n)...)
		_, err := io.ReadFull(r, raw[start:])
		return raw[start:], err
	}
	masked, length := raw[1]&0x80 != 0, uint64(raw[1]&0x7f)
	switch length {
	case 126:
		b, err := more(2)
		if err != nil {
			return message{}, err
		}
		length = uint64(binary.BigEndian.Uint16(b))
	case 127:
		b, err := more(8)
		if err != nil {
			return message{}, err
		}
		length = binary.BigEndian.Uint64(b)
	}
	if length > maxMessage {
		return message{}, fmt.Errorf("a frame of %d bytes", length)
	}
	var mask [4]byte
	if masked {
		b, err := more(4)
		if err != nil {
			return message{}, err
		}
		copy(mask[:], b)
	}
	payload, err := more(int(length))
	if err != nil {
		return message{}, err
	}
	body := make([]byte, length)
	for i := range body {
		body[i] = payload[i] ^ mask[i%4]
	}
	return message{raw: raw, body: body, data: raw[0]&0x0f < 8}, nil
}
