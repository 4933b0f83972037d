package db

import (
	"database/sql"
	"database/sql/driver"
)

// DriverName is the name of the driver in database/sql, for programs that take a driver name
// and a data source name:
//
//	pool, err := sql.Open("duolite", "file:app.db")
//
// The data source name is the URL of [Open]. [Open] limits the number of connections;
// [database/sql.Open] doesn't.
const DriverName = "duolite"

func init() {
	sql.Register(DriverName, sqlDriver{})
}

// sqlDriver is the driver that is registered with database/sql, and the driver of a pool.
type sqlDriver struct {
	connector driver.Connector // of the pool, or nil
}

func driverOf(c driver.Connector) driver.Driver { return sqlDriver{c} }

var _ driver.DriverContext = sqlDriver{}

// Open implements [driver.Driver]. database/sql calls OpenConnector instead, but some wrappers
// call Open.
func (sqlDriver) Open(url string) (driver.Conn, error) { return byName.open(url) }

// OpenConnector implements [driver.DriverContext].
func (sqlDriver) OpenConnector(url string) (driver.Connector, error) {
	return NewConnector(url)
}
