package db

import (
	"cmp"
	"fmt"
	"net/url"
	"os"
	"strings"
)

// families lists the variables for a URL and its token, in the order of lookup.
var families = []struct{ url, token string }{
	{"TURSO_DATABASE_URL", "TURSO_AUTH_TOKEN"},
	{"LIBSQL_URL", "LIBSQL_AUTH_TOKEN"},
	{"DATABASE_URL", "JWT_TOKEN"},
}

// An Env says where a program looks for its database URL. The zero Env looks in the process's
// environment only. [FromEnv] is the short form.
type Env struct {
	// Lookup returns the value of an environment variable. The default is [os.LookupEnv].
	Lookup func(name string) (string, bool)
	// Files are read after the environment, in this order; most programs use ".env". Each has
	// lines such as TURSO_DATABASE_URL=libsql://HOST. A file that doesn't exist is skipped,
	// and other folders aren't searched. The default is no file.
	Files []string
	// Default is the URL if neither the environment nor a file has one. It is used without a
	// token, unless it contains one. If Default is empty, a missing URL is an error.
	Default string
}

// FromEnv returns the database URL from the process's environment, or else from the first file
// that has one, and an option with its token. Pass both to [Open] or [NewConnector]. FromEnv
// is [Env.Resolve] without a given URL.
func FromEnv(files ...string) (url string, opts []Option, err error) {
	return Env{Files: files}.Resolve("")
}

// Resolve returns a URL without its token, and the token as an option. Printing either reveals
// no token.
//
// A given URL, for example from a flag, takes precedence; pass "" for none. Otherwise Resolve
// looks at the environment and then at each file. The first source that sets a URL decides,
// and later sources aren't read. Within a source TURSO_DATABASE_URL precedes LIBSQL_URL, which
// precedes DATABASE_URL. An empty variable counts as unset, and white space around a value is
// removed.
//
// A token is used only with a URL of the same source, so that a file from a downloaded folder
// can't send the environment's token to its own server. The URL's token is TURSO_AUTH_TOKEN,
// LIBSQL_AUTH_TOKEN or JWT_TOKEN, by the URL's variable. If that variable is unset, Resolve
// uses the first other token whose own URL variable is unset or names the same database. A
// given URL gets a token from the environment by the second rule. A token in the URL
// (?authToken=) takes precedence over all variables. A file or a database in memory gets no
// token.
//
// An error is an [ErrConfig]. It names the variable or the file, and contains none of their
// values. Open checks whether the server accepts the token.
func (e Env) Resolve(given string) (url string, opts []Option, err error) {
	lookup := e.Lookup
	if lookup == nil {
		lookup = os.LookupEnv
	}
	found, err := find(given, envSource{"", lookup}, e.Files)
	switch {
	case err != nil:
		return "", nil, configError{err}
	case found.url == "" && e.Default == "":
		return "", nil, configError{noURL(e.Files)}
	case found.url == "":
		found = envURL{url: e.Default}
	}
	if url, opts, err = found.resolve(); err != nil {
		return "", nil, configError{err}
	}
	return url, opts, nil
}

func noURL(files []string) error {
	var names []string
	for _, f := range families {
		names = append(names, f.url)
	}
	return fmt.Errorf("no database URL; set one of %s in %s", strings.Join(names, ", "),
		strings.Join(append([]string{"the environment"}, files...), " or "))
}

// An envURL is a URL that was found, with its token.
type envURL struct {
	url, token string
	where      string // the variable and its source, or "" for a given URL or the default
}

// find returns the URL of the first source that has one. It doesn't read the others.
func find(given string, environment envSource, files []string) (envURL, error) {
	if given != "" {
		return envURL{url: given, token: environment.tokenFor(given, -1)}, nil
	}
	if found := environment.find(); found.url != "" {
		return found, nil
	}
	for _, path := range files {
		file, err := readEnvFile(path)
		if err != nil {
			return envURL{}, err
		}
		if found := file.find(); found.url != "" {
			return found, nil
		}
	}
	return envURL{}, nil
}

// resolve checks the URL and removes its token.
func (u envURL) resolve() (string, []Option, error) {
	var cfg config
	if err := cfg.parseURL(u.url); err != nil {
		if u.where != "" {
			err = fmt.Errorf("%s: %w", u.where, err)
		}
		return "", nil, err
	}
	if cfg.engine != LibSQL {
		return u.url, nil, nil
	}
	bare, own := cutToken(u.url)
	token := cmp.Or(own, u.token)
	if token == "" {
		return bare, nil, nil
	}
	return bare, []Option{WithAuthToken(token)}, nil
}

// cutToken removes authToken from a server's URL, which is known to be valid.
func cutToken(rawURL string) (bare, token string) {
	bare, query, _ := strings.Cut(rawURL, "?")
	params, err := url.ParseQuery(query)
	if err != nil || !params.Has("authToken") {
		return rawURL, ""
	}
	token = params.Get("authToken")
	params.Del("authToken")
	if len(params) > 0 {
		bare += "?" + params.Encode()
	}
	return bare, token
}
