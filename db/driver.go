package db

import (
	"database/sql"
	"database/sql/driver"
)

// DriverName is the name by which the driver is registered with database/sql, for
// programs that take a driver's name and a data source:
//
//	pool, err := sql.Open("duolite", "file:app.db")
//
// The data source is the URL of [Open]. database/sql sets no limit on such a pool's
// connections; [Open] does.
const DriverName = "duolite"

func init() {
	sql.Register(DriverName, sqlDriver{})
}

// sqlDriver is the driver as database/sql knows it by name.
type sqlDriver struct{}

var _ driver.DriverContext = sqlDriver{}

// Open implements [driver.Driver]. database/sql has no use for it, since there is
// OpenConnector, but some wrappers have.
func (sqlDriver) Open(url string) (driver.Conn, error) { return byName.open(url) }

// OpenConnector implements [driver.DriverContext].
func (sqlDriver) OpenConnector(url string) (driver.Connector, error) {
	return NewConnector(url)
}
