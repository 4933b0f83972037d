// Package contract is the one driver of database/sql over all engines. What a program
// can tell from behaviour is written here, once: values, parameters, transactions,
// scripts, cancellation, column types. The engines below it only run what they are given.
package contract

import (
	"context"
	"database/sql/driver"

	"github.com/duolite/duolite/db/internal/engine"
)

// NewConnector returns a connector to the database. Every error passes through
// translate, except those of contexts and the signals to database/sql.
func NewConnector(database engine.Database, translate func(error) error, d driver.Driver) driver.Connector {
	return &connector{database, translate, d}
}

type connector struct {
	database  engine.Database
	translate func(error) error
	driver    driver.Driver
}

func (c *connector) Connect(ctx context.Context) (driver.Conn, error) {
	inner, err := c.database.Connect(ctx)
	if err != nil {
		return nil, c.translate(err)
	}
	return &conn{engine: inner, translate: c.translate}, nil
}

func (c *connector) Driver() driver.Driver {
	return c.driver
}

// Close lets go of what the engine holds besides its connections. The pool calls it.
func (c *connector) Close() error {
	return c.translate(c.database.Close())
}
