package db

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"sync"

	"github.com/duolite/duolite/db/internal/contract"
)

// byName are the connectors of connections that were opened one by one, by
// [driver.Driver.Open], as wrappers do that take a driver and no connector. The connections
// of one URL share a connector: it knows of all of a pool's connections, and holds what
// is the database's. It ends with the last of them.
var byName = connectors{all: make(map[string]*shared)}

type connectors struct {
	mu  sync.Mutex
	all map[string]*shared
}

type shared struct {
	driver.Connector
	conns int
}

var errOwnMemory = errors.New("each connection that driver.Driver.Open opens would have a :memory: of its own; " +
	"want file:NAME?mode=memory, or sql.OpenDB with a connector of NewConnector")

// open opens a connection.
func (c *connectors) open(url string) (driver.Conn, error) {
	s, err := c.take(url)
	if err != nil {
		return nil, err
	}
	conn, err := s.Connect(context.Background())
	if err != nil {
		c.giveBack(url, s)
	}
	return conn, err
}

func (c *connectors) take(url string) (*shared, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.all[url]
	if s == nil {
		cfg, err := parse(url, nil)
		if err != nil {
			return nil, err
		}
		if cfg.sqlite.Memory && cfg.sqlite.Path == "" {
			return nil, configError{errOwnMemory}
		}
		s = &shared{Connector: cfg.connector()}
		contract.AfterClose(s.Connector, func() { c.giveBack(url, s) })
		c.all[url] = s
	}
	s.conns++
	return s, nil
}

func (c *connectors) giveBack(url string, s *shared) {
	c.mu.Lock()
	s.conns--
	last := s.conns == 0
	if last {
		delete(c.all, url)
	}
	c.mu.Unlock()
	if last {
		_ = s.Connector.(io.Closer).Close()
	}
}
