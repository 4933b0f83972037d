package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
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
	tokenFlag string // the name of the flag for tokenFile
	asked     string // the token that was typed, for the next time that the database is opened
	// alone: the token of the environment is for this database only if its URL is there too, because the
	// verb has another server.
	alone bool
}

// addFlags adds the flag for the token. prefix is "" or a name such as "from-".
func (l *location) addFlags(cmd *cobra.Command, prefix string) {
	l.tokenFlag = "--" + prefix + "token-file"
	cmd.Flags().StringVar(&l.tokenFile, prefix+"token-file", "", "a file with the token for the server")
	_ = cmd.MarkFlagFilename(prefix + "token-file")
}

// resolve returns the URL, and the options with the token.
func (l *location) resolve() (string, []db.Option, error) {
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
	var failed *fs.PathError
	if errors.As(err, &failed) { // without the name, which may be the token
		return "", nil, usage.Errorf("%s: %v; want the name of a file that has the token", l.tokenFlag, failed.Err)
	}
	if err != nil {
		return "", nil, err
	}
	trimmed := strings.TrimSpace(string(token))
	if trimmed == "" {
		return "", nil, usage.Errorf("%s: %s is empty", l.tokenFlag, l.tokenFile)
	}
	return found, []db.Option{db.WithAuthToken(trimmed)}, nil
}

// hasToken reports whether an argument is a URL with a secret in it, or a flag with such a value.
func hasToken(arg string) bool {
	if strings.Contains(strings.ToLower(arg), "authtoken=") {
		return true
	}
	if strings.HasPrefix(arg, "-") {
		_, arg, _ = strings.Cut(arg, "=")
	}
	u, err := url.Parse(arg)
	return err == nil && u.User != nil
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
	if errors.Is(err, db.ErrUnauthorized) {
		err = fmt.Errorf("%w; a valid token for it belongs in TURSO_AUTH_TOKEN, or in a file that %s names", err, l.tokenFlag)
	}
	return pool, shown, err
}
