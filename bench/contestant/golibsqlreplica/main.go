// Command golibsqlreplica is the embedded replica of github.com/tursodatabase/go-libsql, by cgo.
package main

import (
	"context"
	"database/sql"

	"github.com/duolite/duolite/bench/internal/copying"
	"github.com/tursodatabase/go-libsql"
)

func main() {
	copying.Main(func(_ context.Context, server, path string) (*copying.Replica, error) {
		connector, err := libsql.NewEmbeddedReplicaConnector(path, server)
		if err != nil {
			return nil, err
		}
		pool := sql.OpenDB(connector)
		sync := func(context.Context) error {
			_, err := connector.Sync()
			return err
		}
		return &copying.Replica{Pool: pool, Sync: sync, Close: pool.Close}, nil
	})
}
