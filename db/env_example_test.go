package db_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/duolite/duolite/db"
)

// A program takes its database from the environment, or from the file .env beside it. Its own
// code has db.FromEnv(".env").
func ExampleFromEnv() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	dotenv := filepath.Join(dir, ".env")
	if err := os.WriteFile(dotenv, []byte("TURSO_DATABASE_URL=:memory:\n"), 0o600); err != nil {
		log.Fatal(err)
	}

	url, opts, err := db.FromEnv(dotenv)
	if err != nil {
		log.Fatal(err)
	}
	pool, err := db.Open(ctx, url, opts...)
	if err != nil {
		log.Fatal(err)
	}
	defer pool.Close()
	fmt.Println(url)
	// Output: :memory:
}

// A program with a flag for its database, and a file where nothing names one. The token of the
// environment isn't sent to the server that the file .env names.
func ExampleEnv_Resolve() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	dotenv := filepath.Join(dir, ".env")
	if err := os.WriteFile(dotenv, []byte("TURSO_DATABASE_URL=libsql://other.example.org\n"), 0o600); err != nil {
		log.Fatal(err)
	}
	environment := map[string]string{"TURSO_AUTH_TOKEN": "eyJhbGciOi…"}
	env := db.Env{
		Lookup:  func(name string) (string, bool) { value, set := environment[name]; return value, set },
		Files:   []string{dotenv},
		Default: "file:app.db",
	}
	for _, flag := range []string{"", "libsql://mine.example.org"} {
		url, opts, err := env.Resolve(flag)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(url, len(opts))
	}
	// Output:
	// libsql://other.example.org 0
	// libsql://mine.example.org 1
}
