package db

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
)

// parseParams returns the parameters of a query. Unknown and repeated parameters are errors.
func parseParams(query string, known ...string) (url.Values, error) {
	params, err := url.ParseQuery(query)
	if err != nil {
		return nil, errors.New("the parameters of the database URL are malformed; write % as %25 and & as %26")
	}
	for _, name := range slices.Sorted(maps.Keys(params)) { // in sorted order, so that the error is always the same
		if !slices.Contains(known, name) {
			return nil, unknownParam(name, params[name], known)
		}
		if len(params[name]) > 1 {
			return nil, fmt.Errorf("the parameter %s appears twice in the database URL", name)
		}
	}
	return params, nil
}

// unknownParam returns the error for an unknown parameter. It contains the name, unless the
// name may be a token that was written without one, and never the value.
func unknownParam(name string, values, known []string) error {
	list := "; known here: " + strings.Join(known, ", ")
	foreign := slices.IndexFunc(foreignParams, func(p foreignParam) bool {
		return slices.Contains(strings.Fields(p.names), strings.ToLower(name))
	})
	switch {
	case slices.Contains(serverParams, name):
		return fmt.Errorf("the parameter %s is for the URL of a server, libsql://HOST, and this one names a file%s", name, list)
	case slices.Contains(fileParams, name):
		return fmt.Errorf("the parameter %s is for the URI of a file, file:PATH, and this one names a server%s", name, list)
	case foreign >= 0:
		return fmt.Errorf("the parameter %s is another driver's; %s%s", name, foreignParams[foreign].instead, list)
	case isName(name) && values[0] != "":
		return fmt.Errorf("unknown parameter %s in the database URL%s", name, list)
	default:
		return errors.New("unknown parameter in the database URL" + list)
	}
}

// isName reports whether s looks like a parameter name, not like a secret. A JSON web token
// begins with eyJ, the base64 form of {".
func isName(s string) bool {
	return len(s) <= 30 && !strings.HasPrefix(s, "eyJ") && !strings.ContainsFunc(s, func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("-_.", r))
	})
}

var (
	fileParams   = []string{"mode", "immutable"}
	serverParams = []string{"authToken", "namespace", "replica", "tls"}
)

type foreignParam struct{ names, instead string }

// foreignParams has the parameters of other SQLite and libSQL drivers, in lower case, with their
// replacement here. The drivers are github.com/mattn/go-sqlite3, modernc.org/sqlite,
// ncruces/go-sqlite3 and tursodatabase/go-libsql. SQLite's own URI parameters are included.
var foreignParams = []foreignParam{
	{"_pragma", "busy_timeout, journal_mode=WAL, foreign_keys, synchronous and more are set on each connection here (see package db), WithBusyTimeout and WithFullSync change them; WithAfterConnect sets another PRAGMA"},
	{"_busy_timeout _timeout", "WithBusyTimeout sets the wait; the default is 5 s"},
	{"_foreign_keys _fk", "foreign keys are on here, without a parameter"},
	{"_journal_mode _journal", "a file has a write-ahead log here, without a parameter"},
	{"_synchronous _sync", "the default is NORMAL, and WithFullSync sets FULL"},
	{"_txlock", "a transaction takes the write lock with its first statement; with sql.TxOptions.ReadOnly it takes none"},
	{"_loc _timezone", "times come back in UTC; time.Time.In changes that"},
	{"_time_format _timefmt", "times are stored in one form, 2006-01-02 15:04:05 in UTC with a fraction where there is one, and read in every form that a driver writes"},
	{"_time_integer_format _inttotime _texttotime", "the driver decides how values are stored and read: see docs/differences.md and package dbtype"},
	{"_query_only", "mode=ro opens a file for reading only"},
	{"_mutex", "a connection is one goroutine's at a time here"},
	{"_stmt_cache_size", "a connection keeps its last 128 statements compiled here"},
	{"_cache_size _case_sensitive_like _cslike _recursive_triggers _rt _secure_delete", "set it on each connection by WithAfterConnect"},
	{"_auto_vacuum _vacuum", "run the PRAGMA on a *sql.Conn, which is one connection, before the first table is made, and VACUUM then"},
	{"_defer_foreign_keys _defer_fk", "run the PRAGMA on a *sql.Conn, which is one connection, in the transaction"},
	{"_ignore_check_constraints _writable_schema", "run the PRAGMA on a *sql.Conn, which is one connection"},
	{"_locking_mode _locking", "it can't be changed here: the connections of a pool share the file"},
	{"_dqs", "strings have single quotes; for old files there is WithDoubleQuotedStrings"},
	{"_defensive psow", "it can't be changed here"},
	{"_error_rc", "errors have the code in db.Error.Code"},
	{"_auth _auth_user _auth_pass _auth_crypt _auth_salt", "SQLite no longer has user authentication; protect the file by its permissions"},
	{"cache", "all connections of a pool see the same database here, also in memory: :memory:, or file:NAME?mode=memory for several pools"},
	{"vfs", "the file system is chosen by the URL: a path, or :memory:"},
	{"nolock", "immutable=1 reads a file without locks if nobody writes it"},
	{"modeof", "a new file can be read by its owner alone; change its mode afterwards"},
	{"auth_token token jwt", "libSQL's parameter is authToken"},
	{"remoteencryptionkey encryption_key", "it isn't supported"},
}
