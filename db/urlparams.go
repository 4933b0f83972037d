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
	instead, foreign := foreignParams[strings.ToLower(name)]
	switch {
	case slices.Contains(serverParams, name):
		return fmt.Errorf("the parameter %s is for the URL of a server, libsql://HOST, and this one names a file%s", name, list)
	case slices.Contains(fileParams, name):
		return fmt.Errorf("the parameter %s is for the URI of a file, file:PATH, and this one names a server%s", name, list)
	case foreign:
		return fmt.Errorf("the parameter %s is another driver's; %s%s", name, instead, list)
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

// Replacements for the parameters of other drivers.
const (
	byPragma   = "set it on each connection by WithAfterConnect"
	onConn     = "run the PRAGMA on a *sql.Conn, which is one connection"
	notChanged = "it can't be changed here"
	asItIs     = "the driver decides how values are stored and read: see docs/differences.md and package dbtype"
	noAuth     = "SQLite no longer has user authentication; protect the file by its permissions"
	isWAL      = "a file has a write-ahead log here, without a parameter"
	busyWait   = "WithBusyTimeout sets the wait; the default is 5 s"
	immediate  = "a transaction takes the write lock with its first statement; with sql.TxOptions.ReadOnly it takes none"
	fullSync   = "the default is NORMAL, and WithFullSync sets FULL"
)

// foreignParams maps the parameters of other SQLite and libSQL drivers, in lower case, to
// their replacement here. The drivers are github.com/mattn/go-sqlite3, modernc.org/sqlite,
// ncruces/go-sqlite3 and tursodatabase/go-libsql. SQLite's own URI parameters are included.
var foreignParams = map[string]string{
	"_pragma":                   "busy_timeout, journal_mode=WAL, foreign_keys, synchronous and more are set on each connection here (see package db), WithBusyTimeout and WithFullSync change them; WithAfterConnect sets another PRAGMA",
	"_busy_timeout":             busyWait,
	"_timeout":                  busyWait,
	"_foreign_keys":             "foreign keys are on here, without a parameter",
	"_fk":                       "foreign keys are on here, without a parameter",
	"_journal_mode":             isWAL,
	"_journal":                  isWAL,
	"_synchronous":              fullSync,
	"_sync":                     fullSync,
	"_txlock":                   immediate,
	"_loc":                      "times come back in UTC; time.Time.In changes that",
	"_timezone":                 "times come back in UTC; time.Time.In changes that",
	"_time_format":              "times are stored in one form, 2006-01-02 15:04:05 in UTC with a fraction where there is one, and read in every form that a driver writes",
	"_timefmt":                  "times are stored in one form, 2006-01-02 15:04:05 in UTC with a fraction where there is one, and read in every form that a driver writes",
	"_time_integer_format":      asItIs,
	"_inttotime":                asItIs,
	"_texttotime":               asItIs,
	"_query_only":               "mode=ro opens a file for reading only",
	"_mutex":                    "a connection is one goroutine's at a time here",
	"_stmt_cache_size":          "a connection keeps its last 128 statements compiled here",
	"_cache_size":               byPragma,
	"_auto_vacuum":              onConn + ", before the first table is made, and VACUUM then",
	"_vacuum":                   onConn + ", before the first table is made, and VACUUM then",
	"_case_sensitive_like":      byPragma,
	"_cslike":                   byPragma,
	"_defer_foreign_keys":       onConn + ", in the transaction",
	"_defer_fk":                 onConn + ", in the transaction",
	"_ignore_check_constraints": onConn,
	"_recursive_triggers":       byPragma,
	"_rt":                       byPragma,
	"_secure_delete":            byPragma,
	"_writable_schema":          onConn,
	"_locking_mode":             notChanged + ": the connections of a pool share the file",
	"_locking":                  notChanged + ": the connections of a pool share the file",
	"_dqs":                      "strings have single quotes; for old files there is WithDoubleQuotedStrings",
	"_defensive":                notChanged,
	"_error_rc":                 "errors have the code in db.Error.Code",
	"_auth":                     noAuth,
	"_auth_user":                noAuth,
	"_auth_pass":                noAuth,
	"_auth_crypt":               noAuth,
	"_auth_salt":                noAuth,
	"cache":                     "all connections of a pool see the same database here, also in memory: :memory:, or file:NAME?mode=memory for several pools",
	"vfs":                       "the file system is chosen by the URL: a path, or :memory:",
	"nolock":                    "immutable=1 reads a file without locks if nobody writes it",
	"psow":                      notChanged,
	"modeof":                    "a new file can be read by its owner alone; change its mode afterwards",
	"auth_token":                "libSQL's parameter is authToken",
	"token":                     "libSQL's parameter is authToken",
	"jwt":                       "libSQL's parameter is authToken",
	"remoteencryptionkey":       "it isn't supported",
	"encryption_key":            "it isn't supported",
}
