package sqlite

import (
	"fmt"
	"strings"
)

// quotedIn finds the object of the schema that has a name in double quotes, which SQLite took
// for a string when the object was made. It returns what to add to the error of a statement
// that uses the object, or "".
func (c *conn) quotedIn(name string) string {
	const query = `SELECT type || ' ' || name FROM (SELECT * FROM sqlite_schema UNION ALL SELECT * FROM sqlite_temp_schema)
		WHERE type IN ('view', 'trigger') AND instr(sql, '"%s"') LIMIT 1`
	object, err := c.queryText(fmt.Sprintf(query, strings.ReplaceAll(name, "'", "''")))
	if err != nil || object == "" {
		return ""
	}
	return fmt.Sprintf(" (the %s has it: write '%s' there, or open the database with WithDoubleQuotedStrings)", object, name)
}
