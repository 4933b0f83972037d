package suite

import (
	"strings"
	"testing"
)

func TestRequestCounter(t *testing.T) {
	plain := "POST /v3/pipeline HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nGET /"
	chunked := "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nPOST \r\n0\r\n\r\n"
	upgrade := "GET / HTTP/1.1\r\nUpgrade: websocket\r\n\r\n"
	frame := "\x81\x83mask" + "abc"                              // text, masked, 3 bytes
	long := "\x82\xfe\x01\x00mask" + strings.Repeat("\x81", 256) // binary, 256 bytes
	ping := "\x89\x80mask"                                       // of control
	huge := "\x81\xff\x00\x00\x00\x00\x00\x01\x00\x00mask" + strings.Repeat("x", 65536)
	tests := []struct {
		name, data string
		want       int
	}{
		{"none", "", 0},
		{"one", plain, 1},
		{"three", plain + "GET / HTTP/1.1\r\n\r\n" + plain, 3},
		{"chunked", chunked + plain + chunked, 3},
		{"messages", upgrade + frame + ping + long + frame + huge + frame, 6},
	}
	for _, test := range tests {
		for _, size := range []int{1, 7, 1 << 20} {
			var c requestCounter
			got := 0
			for rest := test.data; rest != ""; {
				n := min(size, len(rest))
				got += c.count([]byte(rest[:n]))
				rest = rest[n:]
			}
			if got != test.want {
				t.Errorf("%s in pieces of %d: %d requests, want %d", test.name, size, got, test.want)
			}
		}
	}
}
