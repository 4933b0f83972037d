package sqlite

import (
	"fmt"
	"strings"

	"github.com/duolite/duolite/db/internal/sqlite/cmem"
	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// setDoubleQuotedStrings says whether a name in double quotes that names no column is a string. It
// reports false if there is no memory left. https://sqlite.org/quirks.html#dblquote
func setDoubleQuotedStrings(tls *libc.TLS, handle uintptr, on bool) bool {
	args := cmem.Memory{}
	if !args.Grow(tls, 16) {
		return false
	}
	defer args.Free(tls)
	value := int32(0)
	if on {
		value = 1
	}
	for _, option := range []int32{sqlite3.SQLITE_DBCONFIG_DQS_DML, sqlite3.SQLITE_DBCONFIG_DQS_DDL} {
		sqlite3.Xsqlite3_db_config(tls, handle, option, libc.VaList(args.At(0), value, uintptr(0)))
	}
	return true
}

// quotedIn finds the view or trigger that has a name in double quotes, which SQLite took for a string
// when the object was made. It returns an addition to the error of a statement that uses the object,
// or "".
func (c *conn) quotedIn(name string) string {
	const query = `SELECT type || ' ' || name FROM (SELECT * FROM sqlite_schema UNION ALL SELECT * FROM sqlite_temp_schema)
		WHERE type IN ('view', 'trigger') AND instr(sql, '"%s"') LIMIT 1`
	object, err := c.queryText(fmt.Sprintf(query, strings.ReplaceAll(name, "'", "''")))
	if err != nil || object == "" {
		return ""
	}
	return fmt.Sprintf(" (the %s has it: write '%s' there, or open the database with WithDoubleQuotedStrings)", object, name)
}
