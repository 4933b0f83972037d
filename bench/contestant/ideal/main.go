// Command ideal is a client of a libSQL server that is written only for the workloads, as a
// lower limit of the possible time. It keeps its streams, sends the fewest requests that the
// protocol allows for each operation, knows the columns of its queries, and doesn't examine
// errors. https://github.com/tursodatabase/libsql/blob/main/docs/HRANA_3_SPEC.md
package main

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"github.com/duolite/duolite/bench/dbsqlc"
	"github.com/duolite/duolite/bench/internal/store"
	"github.com/duolite/duolite/bench/internal/work"
)

const (
	columns   = "id, url, title, notes, visits, score, created_at"
	getText   = "SELECT " + columns + " FROM bookmarks WHERE id = ?"
	listText  = "SELECT " + columns + " FROM bookmarks ORDER BY id LIMIT ?"
	addText   = "INSERT INTO bookmarks (url, title, notes, visits, score, created_at) VALUES (?, ?, ?, ?, ?, ?)"
	visitText = "UPDATE bookmarks SET visits = visits + 1 WHERE id = ?"
)

// streams is the number of open streams.
const streams = 16

func main() {
	work.Main(map[string]func(context.Context, string) (work.Store, error){
		"stream": func(_ context.Context, url string) (work.Store, error) {
			c := &client{idle: make(chan *stream, streams), transport: &http.Transport{MaxIdleConnsPerHost: streams, DisableCompression: true}}
			for range streams {
				c.idle <- &stream{url: url + "/v3/pipeline", transport: c.transport}
			}
			return c, nil
		},
	})
}

type client struct {
	idle      chan *stream
	transport *http.Transport
}

// with calls use with an idle stream.
func (c *client) with(use func(*stream) error) error {
	s := <-c.idle
	defer func() { c.idle <- s }()
	return use(s)
}

func (c *client) Get(ctx context.Context, id int64) (b dbsqlc.Bookmark, err error) {
	err = c.with(func(s *stream) error {
		s.begin()
		s.execute(getText, true, id)
		r, err := s.send(ctx)
		if err == nil {
			b, err = r.one()
		}
		return err
	})
	return b, err
}

// GetAll sends all statements in one request.
func (c *client) GetAll(ctx context.Context, ids []int64) ([]dbsqlc.Bookmark, error) {
	all := make([]dbsqlc.Bookmark, len(ids))
	err := c.with(func(s *stream) error {
		s.begin()
		for _, id := range ids {
			s.execute(getText, true, id)
		}
		r, err := s.send(ctx)
		for i := range all {
			if err == nil {
				all[i], err = r.one()
			}
		}
		return err
	})
	return all, err
}

func (c *client) Add(ctx context.Context, b dbsqlc.AddBookmarkParams) error {
	return c.with(func(s *stream) error {
		s.begin()
		s.execute(addText, false, b.URL, b.Title, b.Notes, b.Visits, b.Score, b.CreatedAt)
		_, err := s.send(ctx)
		return err
	})
}

func (c *client) List(ctx context.Context, n int64) (all []dbsqlc.Bookmark, err error) {
	err = c.with(func(s *stream) error {
		s.begin()
		s.execute(listText, true, n)
		r, err := s.send(ctx)
		if err == nil {
			all, err = r.all()
		}
		return err
	})
	return all, err
}

// Visit sends two requests. The written values don't depend on the read ones, so the update,
// the insert and the COMMIT are one request.
func (c *client) Visit(ctx context.Context, id int64, b dbsqlc.AddBookmarkParams) error {
	return c.with(func(s *stream) error {
		s.begin()
		s.execute("BEGIN IMMEDIATE", false)
		s.execute(getText, true, id)
		r, err := s.send(ctx)
		if err == nil {
			_, err = r.one()
		}
		if err != nil {
			return err
		}
		s.begin()
		s.execute(visitText, false, id)
		s.execute(addText, false, b.URL, b.Title, b.Notes, b.Visits, b.Score, b.CreatedAt)
		s.execute("COMMIT", false)
		_, err = s.send(ctx)
		return err
	})
}

// Batch sends one request: a transaction in which each step requires the success of the step
// before it.
func (c *client) Batch(ctx context.Context, all []dbsqlc.AddBookmarkParams) error {
	return c.with(func(s *stream) error {
		s.begin()
		s.text(`{"type":"store_sql","sql_id":1,"sql":"` + addText + `"},{"type":"batch","batch":{"steps":[{"stmt":{"sql":"BEGIN IMMEDIATE"}}`)
		for i := range all {
			b := &all[i]
			s.text(`,{"condition":{"type":"ok","step":` + strconv.Itoa(i) + `},"stmt":{"sql_id":1,"want_rows":false,"args":[`)
			s.args(b.URL, b.Title, b.Notes, b.Visits, b.Score, b.CreatedAt)
			s.text(`]}}`)
		}
		last := strconv.Itoa(len(all))
		s.text(`,{"condition":{"type":"ok","step":` + last + `},"stmt":{"sql":"COMMIT"}}` +
			`,{"condition":{"type":"not","cond":{"type":"ok","step":` + last + `}},"stmt":{"sql":"ROLLBACK"}}]}},{"type":"close_sql","sql_id":1},`)
		_, err := s.send(ctx)
		return err
	})
}

func (c *client) Version(ctx context.Context) (version string, err error) {
	err = c.with(func(s *stream) error {
		s.begin()
		s.execute("SELECT sqlite_version()", true)
		r, err := s.send(ctx)
		if err == nil {
			version, err = r.text()
		}
		return err
	})
	return version, err
}

func (c *client) Close() error {
	var errs []error
	for range streams {
		errs = append(errs, (<-c.idle).close())
	}
	return errors.Join(errs...)
}

func (c *client) Tagged(context.Context, int64, int64) ([]dbsqlc.ListTaggedRow, error) {
	return nil, store.ErrNone
}

func (c *client) AddAll(ctx context.Context, all []dbsqlc.AddBookmarkParams) error {
	return c.Batch(ctx, all)
}

func (c *client) Bulk(ctx context.Context, all []dbsqlc.AddBookmarkParams) error {
	return c.Batch(ctx, all)
}

func (c *client) Each(context.Context, func(*dbsqlc.Bookmark)) error { return store.ErrNone }
