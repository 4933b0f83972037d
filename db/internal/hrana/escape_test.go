package hrana

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"unicode"

	"github.com/duolite/duolite/db/internal/hrana/transport"
)

// TestControlCharacters checks that errors escape control characters in a server's texts.
func TestControlCharacters(t *testing.T) {
	t.Parallel()
	const escaped = `a\x1b[31m\u202eb\u009b c`
	const inJSON = `a\u001b[31m\u202eb\u009b\r\nc`
	reply := func(message, code string) string {
		return `{"baton":null,"results":[{"type":"error","error":{"message":"` + message + `","code":"` + code + `"}}]}`
	}
	step := `{"type":"ok","response":{"type":"batch","result":{"step_results":[null],"step_errors":[{"message":"` + inJSON + `","code":"` + inJSON + `"}]}}}`
	for what, answer := range map[string]func(w http.ResponseWriter){
		"an error":       func(w http.ResponseWriter) { fmt.Fprint(w, reply(inJSON, "SQLITE_UNKNOWN")) },
		"a code":         func(w http.ResponseWriter) { fmt.Fprint(w, reply(inJSON, inJSON)) },
		"a step's error": func(w http.ResponseWriter) { fmt.Fprint(w, `{"baton":null,"results":[`+step+`]}`) },
		"a status with a text": func(w http.ResponseWriter) {
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, "a\x1b[31m\u202eb\u009b\nc")
		},
		"a status with JSON": func(w http.ResponseWriter) {
			w.WriteHeader(http.StatusInternalServerError)
			fmt.Fprint(w, `{"message":"`+inJSON+`"}`)
		},
		"bytes that aren't UTF-8": func(w http.ResponseWriter) {
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprint(w, "a\x1b[31m\u202eb\u009b c\xff\x9b")
		},
		"a status line": func(w http.ResponseWriter) { hijack(w, "HTTP/1.1 400 \x1b[31m\u202e\r\nConnection: close\r\n\r\n") },
		"no HTTP":       func(w http.ResponseWriter) { hijack(w, "\x1b[31m\u202e\xff\r\n\r\n") },
		"a header":      func(w http.ResponseWriter) { hijack(w, "HTTP/1.1 200 OK\r\n\x1b[31m\u202e\r\n\r\n") },
	} {
		c := newConn(t, transport.Config{URL: script(t, func(w http.ResponseWriter, _ *http.Request, _ int, _ string) { answer(w) })})
		err := exec(t, c, insertOne)
		c.Close()
		if err == nil {
			t.Errorf("%s: no error", what)
			continue
		}
		text := err.Error()
		if strings.ContainsFunc(text, func(r rune) bool { return unicode.In(r, unicode.Cc, unicode.Cf) || r == unicode.ReplacementChar }) {
			t.Errorf("%s: the error has control characters: %q", what, text)
		}
		if strings.Contains(what, "status with") && !strings.Contains(text, escaped) {
			t.Errorf("%s: error %q, want %q in it", what, text, escaped)
		}
	}
}

// hijack answers with bytes that net/http's server wouldn't send.
func hijack(w http.ResponseWriter, text string) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		panic(err)
	}
	defer conn.Close()
	fmt.Fprint(conn, text)
}
