package dbotel_test

import (
	"context"
	"fmt"
	"log"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbotel"
)

func Example() {
	if err := open(context.Background(), ":memory:"); err != nil {
		log.Fatal(err)
	}
	fmt.Println("ok")
	// Output: ok
}

func open(ctx context.Context, url string) error {
	tracer, err := dbotel.New(dbotel.Config{})
	if err != nil {
		return err
	}
	pool, err := db.Open(ctx, url, db.WithTracer(tracer))
	if err != nil {
		return err
	}
	return pool.Close()
}
