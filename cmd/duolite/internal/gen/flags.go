package gen

import (
	"go/token"
	"net/url"
	"slices"
	"strings"

	"github.com/duolite/duolite/cmd/duolite/internal/usage"
)

// tokenName is the environment variable of the token for --server. It is that flag's alone:
// a token that was set for another server goes nowhere.
const tokenName = "DUOLITE_AUTH_TOKEN"

// checkServer refuses a URL that isn't a server's.
func checkServer(server string) error {
	if server == "" {
		return nil
	}
	u, err := url.Parse(server)
	switch {
	case err != nil:
		return usage.Errorf("--server: not a URL: want one such as libsql://HOST or http://127.0.0.1:8080")
	case !slices.Contains([]string{"libsql", "https", "http", "wss", "ws"}, u.Scheme):
		return usage.Errorf("--server: not the URL of a server: want one such as libsql://HOST or http://127.0.0.1:8080")
	}
	return nil
}

// checkOpenWith checks the flag --open-with.
func checkOpenWith(name string) error {
	if path, function := splitOpenWith(name); name != "" && (path == "" || !token.IsExported(function) || !token.IsIdentifier(function)) {
		return usage.Errorf("--open-with: %q isn't IMPORTPATH.FUNC, such as example.com/app/database.Options", name)
	}
	return nil
}

// splitOpenWith splits IMPORTPATH.FUNC.
func splitOpenWith(name string) (path, function string) {
	at := strings.LastIndexByte(name, '.')
	if at < 0 {
		return "", ""
	}
	return name[:at], name[at+1:]
}
