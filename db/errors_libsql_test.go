package db

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"testing"
	"time"
)

// TestTransportTimeout is about a server that can't be reached within the transport's
// own limit. Its error passes for a context's, but no context has ended.
func TestTransportTimeout(t *testing.T) {
	t.Parallel()
	_, dialErr := net.DialTimeout("tcp", "127.0.0.1:1", time.Nanosecond)
	err := fmt.Errorf("failed to execute SQL:\n%w", &url.Error{Op: "Post", URL: "http://127.0.0.1:1", Err: dialErr})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("%v isn't the case that this test is about", err)
	}
	got := translateLibSQL(err)
	if want := "can't reach the server: dial tcp 127.0.0.1:1: i/o timeout"; !errors.Is(got, ErrUnavailable) || got.Error() != want {
		t.Errorf("got %v, want ErrUnavailable: %s", got, want)
	}
	if !libsqlBroken(err) {
		t.Error("the connection is used again")
	}
}
