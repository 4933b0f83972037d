// Command replica is duolite's embedded replica, and with an empty URL a plain file.
package main

import (
	"context"
	"net/url"

	"github.com/duolite/duolite/bench/internal/copying"
	"github.com/duolite/duolite/db"
)

func main() {
	copying.Main(func(ctx context.Context, server, path string) (*copying.Replica, error) {
		target := path
		if server != "" {
			target = server + "?replica=" + url.QueryEscape(path)
		}
		pool, err := db.Open(ctx, target)
		if err != nil {
			return nil, err
		}
		sync := func(ctx context.Context) error {
			_, err := db.Sync(ctx, pool)
			return err
		}
		return &copying.Replica{Pool: pool, Sync: sync, Close: pool.Close}, nil
	})
}
