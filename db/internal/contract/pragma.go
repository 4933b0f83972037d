package contract

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/internal/sqltext"
)

// A pragmaScope says which state a PRAGMA sets.
type pragmaScope int

const (
	// pragmaCommand: it reads or does something, and sets no lasting state.
	pragmaCommand pragmaScope = iota
	// pragmaConn: it sets the connection. The value is reset when the connection returns to
	// the pool, so that the next borrower doesn't get it.
	pragmaConn
	// pragmaDatabase: it sets the database for all connections.
	pragmaDatabase
	// pragmaProcess: it sets the process for all databases.
	pragmaProcess
)

// pragmaScopes has every PRAGMA of SQLite. A test compares it with PRAGMA pragma_list.
// https://sqlite.org/pragma.html
var pragmaScopes = scopesByName(map[pragmaScope]string{
	// journal_mode = WAL is the exception: it sets the database.
	pragmaConn: `analysis_limit automatic_index busy_timeout cache_size cache_spill case_sensitive_like
		cell_size_check checkpoint_fullfsync count_changes defer_foreign_keys empty_result_callbacks
		foreign_keys full_column_names fullfsync ignore_check_constraints journal_mode journal_size_limit
		legacy_alter_table locking_mode max_page_count mmap_size query_only read_uncommitted
		recursive_triggers reverse_unordered_selects secure_delete short_column_names synchronous temp_store
		threads trusted_schema wal_autocheckpoint writable_schema`,
	pragmaDatabase: `application_id auto_vacuum default_cache_size encoding page_size schema_version user_version`,
	pragmaProcess:  `data_store_directory hard_heap_limit soft_heap_limit temp_store_directory`,
	pragmaCommand: `collation_list compile_options data_version database_list foreign_key_check foreign_key_list
		freelist_count function_list incremental_vacuum index_info index_list index_xinfo integrity_check
		module_list optimize page_count pragma_list quick_check shrink_memory table_info table_list
		table_xinfo wal_checkpoint`,
})

func scopesByName(names map[pragmaScope]string) map[string]pragmaScope {
	scopes := map[string]pragmaScope{}
	for scope, list := range names {
		for name := range strings.FieldsSeq(list) {
			scopes[name] = scope
		}
	}
	return scopes
}

// A setting is a PRAGMA that a statement has set, with its old value.
type setting struct {
	pragma string // with its schema
	before string // as SQL
}

var errForeignKeysInTx = errors.New("PRAGMA foreign_keys has no effect inside a transaction; set it on a sql.Conn before its BEGIN, or run PRAGMA defer_foreign_keys = ON in the transaction")

// readyPragma prepares for a PRAGMA that sets state. inTx says whether it will run in a
// transaction.
func (c *conn) readyPragma(ctx context.Context, statement *sqltext.Statement, inTx bool) error {
	p, ok := statement.Pragma()
	switch {
	case !ok || !p.Sets:
		return nil
	case c.settingUp:
		return checkSetUp(p)
	case pragmaScopes[p.Name] != pragmaConn:
		return nil
	case p.Name == "foreign_keys" && inTx:
		return errForeignKeysInTx
	case p.Name == "defer_foreign_keys" && inTx: // reset by the end of the transaction
		return nil
	default:
		return c.remember(ctx, p)
	}
}

// readyPragmas is readyPragma for a script, which may begin transactions itself.
func (c *conn) readyPragmas(ctx context.Context, statements []sqltext.Statement, inTx bool) error {
	for i := range statements {
		s := &statements[i]
		if err := c.readyPragma(ctx, s, inTx); err != nil {
			return err
		}
		switch s.Kind {
		case sqltext.BeginDeferred, sqltext.BeginWrite:
			inTx = true
		case sqltext.Commit, sqltext.Rollback:
			inTx = false
		}
	}
	return nil
}

// remember reads the value of a PRAGMA before the program sets it.
func (c *conn) remember(ctx context.Context, p sqltext.PragmaText) error {
	pragma := p.Name
	if p.Schema != "" {
		pragma = quoteName(p.Schema) + "." + p.Name
	}
	if slices.ContainsFunc(c.settings, func(s setting) bool { return s.pragma == pragma }) {
		return nil
	}
	ask := "PRAGMA " + pragma
	if p.Name == "case_sensitive_like" { // whose PRAGMA returns nothing
		ask = "SELECT 'a' NOT LIKE 'A'"
	}
	before, err := c.readText(ctx, ask)
	switch {
	case err != nil || before == "":
		return err
	case p.Name == "secure_delete" && before == "2":
		before = "FAST" // SQLite would read 2 as ON
	}
	c.settings = append(c.settings, setting{pragma, before})
	c.keepSession(true)
	return nil
}

// readText returns the value of a PRAGMA or a SELECT as SQL, or "" if it has none.
func (c *conn) readText(ctx context.Context, text string) (value string, err error) {
	err = engine.Query(ctx, c.engine, text, nil, func(row []driver.Value) error {
		switch first := row[0].(type) {
		case int64:
			value = strconv.FormatInt(first, 10)
		case string:
			value = quoteText(first)
		}
		return nil
	})
	return value, err
}

// restoreSettings resets the PRAGMAs that the program has set, and reports success.
func (c *conn) restoreSettings() bool {
	if len(c.settings) == 0 {
		return true
	}
	ctx, cancel := context.WithTimeout(context.Background(), cleanupTimeout)
	defer cancel()
	for _, s := range slices.Backward(c.settings) {
		text := fmt.Sprintf("PRAGMA %s = %s", s.pragma, s.before)
		if _, err := c.engine.ExecAll(ctx, []sqltext.Statement{{Text: text, Kind: sqltext.Outside}}); err != nil {
			return false
		}
	}
	c.settings = nil
	c.keepSession(false)
	return true
}

// keepSession tells an engine that can lose settings whether there are any.
func (c *conn) keepSession(keep bool) {
	if session, ok := c.engine.(engine.Session); ok {
		session.KeepSession(keep)
	}
}

func quoteName(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

func quoteText(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }
