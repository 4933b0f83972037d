package dbunicode_test

import (
	"context"
	"fmt"
	"log"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbunicode"
	"golang.org/x/text/language"
)

func Example() {
	ctx := context.Background()
	pool, err := db.Open(ctx, ":memory:", dbunicode.Collation("german", language.German), dbunicode.Fold())
	if err != nil {
		log.Fatal(err)
	}
	defer pool.Close()
	var words string
	if err := pool.QueryRowContext(ctx, `
		SELECT group_concat(casefold(value), ' ' ORDER BY value COLLATE german)
		FROM json_each('["Zebra", "Ärger", "Straße"]')`).Scan(&words); err != nil {
		log.Fatal(err)
	}
	fmt.Println(words)
	// Output: ärger strasse zebra
}
