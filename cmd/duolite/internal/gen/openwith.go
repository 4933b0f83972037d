package gen

import (
	"go/token"
	"strings"

	"github.com/duolite/duolite/cmd/duolite/internal/usage"
)

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
