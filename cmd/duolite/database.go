package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"

	"github.com/duolite/duolite/cmd/duolite/internal/usage"
	"github.com/duolite/duolite/cmd/internal/prompt"
	"github.com/duolite/duolite/db"
	"github.com/spf13/cobra"
)

// databaseHelp says how verbs find their database.
const databaseHelp = `The database is a path, or a URL such as libsql://HOST. Without one it is
TURSO_DATABASE_URL, LIBSQL_URL or DATABASE_URL in the environment, or else in the
file .env here. A server's token is beside the URL, in TURSO_AUTH_TOKEN,
LIBSQL_AUTH_TOKEN or JWT_TOKEN. A URL on the command line gets a token of the
environment whose own URL isn't set, or is the same. --token-file names a file
with the token. If the server wants a token and there is none, duolite asks for it
on the terminal.`

// A location is where a verb finds a database and its token.
type location struct {
	url       string // as given, or ""
	tokenFile string
	asked     string // the token that was typed, for the next time that the database is opened
	// alone: the token of the environment is for this database only if its URL is there too, because the
	// verb has another server.
	alone bool
}

// addFlags adds the flag for the token. prefix is "" or a name such as "from-".
func (l *location) addFlags(cmd *cobra.Command, prefix string) {
	cmd.Flags().StringVar(&l.tokenFile, prefix+"token-file", "", "a file with the token for the server")
	_ = cmd.MarkFlagFilename(prefix + "token-file")
}

// resolve returns the URL, and the options with the token.
func (l *location) resolve() (string, []db.Option, error) {
	if hasToken(l.url) {
		return "", nil, usage.Errorf("other users of the machine can see a token in an argument: set TURSO_AUTH_TOKEN, or give --token-file")
	}
	env := db.Env{Files: []string{".env"}}
	if l.alone {
		env.Lookup = lookupPairs
	}
	found, opts, err := env.Resolve(l.url)
	if errors.Is(err, db.ErrConfig) {
		return "", nil, usage.Errorf("%v", err)
	}
	if err == nil && len(opts) == 0 && l.asked != "" {
		return found, []db.Option{db.WithAuthToken(l.asked)}, nil
	}
	if err != nil || l.tokenFile == "" {
		return found, opts, err
	}
	token, err := os.ReadFile(l.tokenFile)
	if err != nil {
		return "", nil, usage.Errorf("--token-file: %v", err)
	}
	trimmed := strings.TrimSpace(string(token))
	if trimmed == "" {
		return "", nil, usage.Errorf("--token-file: %s is empty", l.tokenFile)
	}
	return found, []db.Option{db.WithAuthToken(trimmed)}, nil
}

// hasToken reports whether a URL has a secret in it. It may be no URL.
func hasToken(given string) bool {
	u, err := url.Parse(given)
	if err != nil {
		return strings.Contains(given, "authToken=")
	}
	return u.Query().Has("authToken") || u.User != nil
}

// urlOf has the variable of the URL for the variable of each token, as db.Env has them.
var urlOf = map[string]string{"TURSO_AUTH_TOKEN": "TURSO_DATABASE_URL", "LIBSQL_AUTH_TOKEN": "LIBSQL_URL", "JWT_TOKEN": "DATABASE_URL"}

// lookupPairs is os.LookupEnv, except that a token without its URL isn't set.
func lookupPairs(name string) (string, bool) {
	if url, isToken := urlOf[name]; isToken && strings.TrimSpace(os.Getenv(url)) == "" {
		return "", false
	}
	return os.LookupEnv(name)
}

// open opens the database, and returns its URL without secrets. It asks for a token that is missing.
func (l *location) open(ctx context.Context, more ...db.Option) (*sql.DB, string, error) {
	found, opts, err := l.resolve()
	if err != nil {
		return nil, "", err
	}
	shown := db.Redact(found)
	pool, err := db.Open(ctx, found, append(opts, more...)...)
	if errors.Is(err, db.ErrUnauthorized) && len(opts) == 0 && prompt.CanAsk() {
		token, err := prompt.Secret(ctx, fmt.Sprintf("the token for %s:", shown))
		if err != nil {
			return nil, "", err
		}
		if token == "" {
			return nil, "", usage.Errorf("no token for %s", shown)
		}
		l.asked = token
		pool, err = db.Open(ctx, found, append(more, db.WithAuthToken(token))...)
		return pool, shown, err
	}
	return pool, shown, err
}
