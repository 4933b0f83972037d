package hrana

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/duolite/duolite/db/internal/hrana/transport"
)

// TestStreamFollowsBaseURL checks that a stream's requests go to the URL in its answers, and that a
// new stream begins at the database's URL.
func TestStreamFollowsBaseURL(t *testing.T) {
	t.Parallel()
	var here, there int
	sticky := script(t, func(w http.ResponseWriter, _ *http.Request, n int, _ string) {
		there = n
		fmt.Fprint(w, okReply)
	})
	c := newConn(t, transport.Config{URL: script(t, func(w http.ResponseWriter, _ *http.Request, n int, _ string) {
		here = n
		fmt.Fprint(w, strings.Replace(okReply, `"base_url":null`, `"base_url":"`+sticky+`"`, 1))
	})})
	for range 3 {
		if err := exec(t, c, selectOne); err != nil {
			t.Fatal(err)
		}
	}
	c.drop()
	if err := exec(t, c, selectOne); err != nil {
		t.Fatal(err)
	}
	if here != 2 || there != 2 {
		t.Errorf("%d requests here, %d there; want 2 and 2", here, there)
	}
}
