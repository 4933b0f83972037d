package db

import (
	"fmt"
	"net/url"
	"os"
	"strings"
)

// families are the names under which an environment has a URL and its token, in the order
// in which they are looked for.
var families = []struct{ url, token string }{
	{"TURSO_DATABASE_URL", "TURSO_AUTH_TOKEN"},
	{"LIBSQL_URL", "LIBSQL_AUTH_TOKEN"},
	{"DATABASE_URL", "JWT_TOKEN"},
}

// An Env says where a program finds the name of its database. The zero Env is the
// process's environment alone. [FromEnv] is the short way.
type Env struct {
	// Lookup returns a variable of the environment. The default is [os.LookupEnv].
	Lookup func(name string) (string, bool)
	// Files are looked at after the environment, in this order: ".env" for most programs.
	// Each has lines such as TURSO_DATABASE_URL=libsql://HOST. A file that doesn't exist
	// says nothing, and no other folder is searched. The default is none.
	Files []string
	// Default is the URL where nothing names one. No token goes with it but one that it
	// has itself. By default that is an error.
	Default string
}

// FromEnv returns the URL of the database that the process's environment names, or else
// the first of the files, and the options that go with it: its token. Both are for
// [Open] or [NewConnector]. It is [Env.Resolve] without a URL of the program's own.
func FromEnv(files ...string) (url string, opts []Option, err error) {
	return Env{Files: files}.Resolve("")
}

// Resolve returns a URL without a token, and the token as an option. Neither shows it when
// it is printed.
//
// A given URL, such as a flag's, comes before all others; "" is none. Otherwise the URL is
// the first of TURSO_DATABASE_URL, LIBSQL_URL and DATABASE_URL in the first source that has
// one. The environment is a source, and so is each file; what comes after the one with
// the URL isn't read. A variable that is empty isn't set, and white space around a value
// isn't part of it.
//
// A token goes only with a URL of the same source: a file that came with somebody's folder
// can't have the token of the environment sent to a server of its choice. Each URL has a
// token of its own family, TURSO_AUTH_TOKEN, LIBSQL_AUTH_TOKEN or JWT_TOKEN, in the order
// above. Without it the first of the others is taken that isn't beside a different URL of its own
// family. A given URL belongs to the environment, and gets the first token there
// that isn't beside a different URL. A token in a URL (?authToken=) comes before any beside
// it. A file or a database in memory gets none.
//
// An error is an [ErrConfig]. It names the variable or the file, and shows nothing of their
// content. Whether the server takes the token is seen by Open.
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

// An envURL is a URL, as it was found, and the token beside it.
type envURL struct {
	url, token string
	where      string // the variable and its source, or "" for a URL of the program's own
}

// find returns the URL of the first source that has one. The others aren't looked at.
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

// resolve checks the URL, and takes its token out of it.
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
	switch {
	case own != "":
		return bare, []Option{WithAuthToken(own)}, nil
	case u.token != "":
		return bare, []Option{WithAuthToken(u.token)}, nil
	default:
		return bare, nil, nil
	}
}

// cutToken takes authToken out of a server's URL, which has been parsed without an error.
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
