package pull

import (
	"context"
	"net/http"

	"github.com/duolite/duolite/db/internal/proto"
	"github.com/duolite/duolite/db/internal/replica/call"
)

// PageSize is the size of a page in bytes. The protocol has no other one.
const PageSize = 4096

// Whole as the revision of [Client.Pull] asks for the whole database.
const Whole = ""

const contentType = "application/protobuf"

// A Client reads the changes of one database on a server. It is safe for concurrent use.
type Client struct {
	call *call.Client
}

// New returns a client. It sends nothing. Its error doesn't contain the URL.
func New(cfg call.Config) (*Client, error) {
	c, err := call.New(cfg, http.Header{"Content-Type": {contentType}})
	if err != nil {
		return nil, err
	}
	return &Client{c}, nil
}

// Close closes the idle connections. A running call ends with its context.
func (c *Client) Close() { c.call.Close() }

// Pull asks for the pages that have changed since a revision of the same database, at which it had a
// number of pages. The server answers at once, also if nothing has changed. The caller must close the
// answer.
func (c *Client) Pull(ctx context.Context, revision string, pages uint32) (*Answer, error) {
	const clientRevision = 3 // of PullUpdatesReq; the other fields keep their default
	var body []byte
	if revision != Whole {
		body = proto.AppendBytes(nil, clientRevision, revision)
	}
	reply, err := c.call.Post(ctx, &call.Request{Path: "pull-updates", Body: body, ContentType: contentType})
	if err != nil {
		return nil, err
	}
	a := newAnswer(reply, revision, pages)
	if err := a.start(); err != nil {
		a.Close()
		return nil, err
	}
	return a, nil
}
