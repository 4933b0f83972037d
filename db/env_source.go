package db

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/joho/godotenv"
)

// An envSource is one source of variables: the environment or a file.
type envSource struct {
	file   string // "" for the environment
	lookup func(string) (string, bool)
}

// get returns a variable, or "" if it isn't set.
func (s envSource) get(name string) string {
	value, _ := s.lookup(name)
	return strings.TrimSpace(value)
}

// find returns the first URL and its token.
func (s envSource) find() envURL {
	for i, f := range families {
		if found := s.get(f.url); found != "" {
			return envURL{found, s.tokenFor(found, i), s.nameOf(f.url)}
		}
	}
	return envURL{}
}

// tokenFor returns the token for a URL. family is the index of the URL's variable in families,
// or -1 for a given URL.
func (s envSource) tokenFor(url string, family int) string {
	if family >= 0 {
		if own := s.get(families[family].token); own != "" {
			return own
		}
	}
	for _, f := range families {
		beside := s.get(f.url)
		if token := s.get(f.token); token != "" && (beside == "" || sameDatabase(beside, url)) {
			return token
		}
	}
	return ""
}

func (s envSource) nameOf(variable string) string {
	if s.file == "" {
		return variable
	}
	return variable + " in " + engine.Escape(s.file)
}

// sameDatabase reports whether two URLs name the same database of the same server.
func sameDatabase(a, b string) bool {
	if a == b {
		return true
	}
	var of, other config
	if of.parseURL(a) != nil || other.parseURL(b) != nil || of.engine != LibSQL {
		return false
	}
	return strings.EqualFold(of.libsql.URL, other.libsql.URL) && of.libsql.Namespace == other.libsql.Namespace
}

// maxEnvFile is the maximum size of a file, in bytes.
const maxEnvFile = 64 << 10

// readEnvFile reads a file such as .env. A file that doesn't exist is empty.
func readEnvFile(path string) (envSource, error) {
	data, err := readUpTo(path, maxEnvFile)
	var vars map[string]string
	if err == nil {
		vars, err = parseEnvFile(bytes.TrimPrefix(data, []byte("\ufeff")))
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return envSource{}, fmt.Errorf("%s can't be read: %w", engine.Escape(path), err)
	}
	return envSource{path, func(name string) (string, bool) {
		value, set := vars[name]
		return value, set
	}}, nil
}

func readUpTo(path string, most int64) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, pathCause(err)
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, most+1))
	if err == nil && int64(len(data)) > most {
		err = fmt.Errorf("it has more than %d bytes", most)
	}
	return data, pathCause(err)
}

// pathCause returns the cause of an [fs.PathError], without the operation and the path.
func pathCause(err error) error {
	if pathErr, ok := errors.AsType[*fs.PathError](err); ok {
		return pathErr.Err
	}
	return err
}

// parseEnvFile returns the variables of a file. References such as ${NAME} are looked up in
// the file, never in the environment. The error has the line number and nothing else of the
// file, since the parser's error may quote a token.
func parseEnvFile(data []byte) (map[string]string, error) {
	if vars, ok := parseEnv(data); ok {
		return vars, nil
	}
	return nil, fmt.Errorf("line %d is malformed; want lines such as TURSO_DATABASE_URL=file:app.db", malformedLine(data))
}

func parseEnv(data []byte) (map[string]string, bool) {
	vars, err := godotenv.UnmarshalBytes(data)
	_, nameless := vars[""] // a last line without =
	return vars, err == nil && !nameless
}

// malformedLine returns the number of the line where parsing fails: the first line after which
// no prefix of the file is valid. A quoted value may span several lines.
func malformedLine(data []byte) int {
	lines := bytes.SplitAfter(data, []byte("\n"))
	bad := len(lines)
	for bad > 1 {
		end := len(data) - len(lines[bad-1])
		if _, ok := parseEnv(data[:end]); ok {
			break
		}
		data, bad = data[:end], bad-1
	}
	return bad
}
