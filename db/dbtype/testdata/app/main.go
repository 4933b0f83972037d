// The command app round-trips each type through what sqlc generated, on the database
// that its argument names.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"reflect"
	"time"

	"example.com/app/model"
	"example.com/app/schema"
	"example.com/app/store"
	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbtype"
	"github.com/google/uuid"
)

var (
	ctx     = context.Background()
	created = dbtype.NewTime(time.Date(2026, 1, 2, 3, 4, 5, 678e6, time.UTC))
	seen    = dbtype.NewTime(created.Add(time.Hour))
)

func main() {
	pool := must(db.Open(ctx, os.Args[1]))
	defer pool.Close()
	must(db.Migrate(ctx, pool, schema.FS))
	queries := store.New(pool)

	if empty, err := queries.Summary(ctx); err == nil {
		log.Fatalf("max() of no rows is read as %v", empty.Newest)
	}
	first := store.Account{
		ID: 1, Key: uuid.MustParse("6ba7b810-9dad-11d1-80b4-00c04fd430c8"),
		Settings: model.Settings{V: model.SettingsValue{Theme: "dark"}}, Details: dbtype.JSON(`{"a":1}`), CreatedAt: created,
	}
	create(queries, first)
	want("summary", store.SummaryRow{Newest: created, Details: dbtype.JSON(`[{"a":1}]`)}, must(queries.Summary(ctx)))

	second := store.Account{
		ID: 2, Key: uuid.MustParse("6ba7b811-9dad-11d1-80b4-00c04fd430c8"),
		Settings: first.Settings, Extra: new(dbtype.JSON(`[1,2]`)), Details: first.Details, CreatedAt: created, SeenAt: &seen,
	}
	create(queries, second)
	want("accounts", []store.Account{first, second}, must(queries.ListAccounts(ctx, created)))
	want("summary", store.SummaryRow{
		Newest: created, LastSeen: &seen, Details: dbtype.JSON(`[{"a":1},{"a":1}]`), Extra: second.Extra,
	}, must(queries.Summary(ctx)))
	want("settings", first.Settings, must(queries.GetSettings(ctx, second.Key)))
	want("last seen", seen, must(queries.LastSeen(ctx, 2)))

	event := store.Event{ID: 1, AccountID: 2, At: seen, SeenAt: &created, Handled: true}
	want("event", event, must(queries.CreateEvent(ctx, store.CreateEventParams{
		AccountID: event.AccountID, At: event.At, SeenAt: event.SeenAt, Handled: event.Handled,
	})))
	want("events", []store.ListEventsRow{{
		ID: 1, AccountID: 2, At: seen, SeenAt: &created, Handled: true,
		Settings: second.Settings, Extra: second.Extra, CreatedAt: created,
	}}, must(queries.ListEvents(ctx)))
	v := store.Vector{ID: 1, Embedding: dbtype.Vector{1, 2}}
	want("vector", v, must(queries.CreateVector(ctx, store.CreateVectorParams{Embedding: v.Embedding, Other: v.Other})))
	v = store.Vector{ID: 2, Embedding: dbtype.Vector{1, 2}, Other: dbtype.Vector{3, 4}}
	want("vector", v, must(queries.CreateVector(ctx, store.CreateVectorParams{Embedding: v.Embedding, Other: v.Other})))
	want("vectors", []store.SameVectorsRow{{ID: 1, Vector: dbtype.Vector{1, 2}}, {ID: 2, Vector: dbtype.Vector{3, 4}}},
		must(queries.SameVectors(ctx, v.Embedding)))
	fmt.Println("ok")
}

func create(queries *store.Queries, a store.Account) {
	want("account", a, must(queries.CreateAccount(ctx, store.CreateAccountParams{
		Key: a.Key, Settings: a.Settings, Extra: a.Extra, Details: a.Details, CreatedAt: a.CreatedAt, SeenAt: a.SeenAt,
	})))
}

func must[T any](v T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return v
}

// want compares with the exact type, so that an override that doesn't apply is seen.
func want[T any](what string, want, got T) {
	if !reflect.DeepEqual(want, got) {
		log.Fatalf("%s: %+v, want %+v", what, got, want)
	}
}
