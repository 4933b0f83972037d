package db

import (
	"context"
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

// sqlDriver is the driver that is registered with database/sql.
type sqlDriver struct{}

var _ driver.DriverContext = sqlDriver{}

// Open implements [driver.Driver]. database/sql calls OpenConnector instead. A database in
// memory that was opened by Open exists until the process ends.
func (d sqlDriver) Open(url string) (driver.Conn, error) {
	connector, err := d.OpenConnector(url)
	if err != nil {
		return nil, err
	}
	return connector.Connect(context.Background())
}

// OpenConnector implements [driver.DriverContext].
func (sqlDriver) OpenConnector(url string) (driver.Connector, error) {
	return NewConnector(url)
}
