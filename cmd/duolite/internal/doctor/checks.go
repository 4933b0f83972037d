package doctor

import (
	"context"

	"github.com/duolite/duolite/db"
)

// A check looks for one kind of fault.
type check struct {
	name string
	// fileOnly has the reason why the check isn't done on a server, or "".
	fileOnly string
	run      func(*examination, context.Context) error
}

// checks are all checks, in their order.
var checks = []check{
	{"integrity", "", (*examination).integrity},
	{"foreign-keys", "", (*examination).foreignKeys},
	{"objects", "", (*examination).objects},
	{"migrations", "", (*examination).migrations},
	{"schema", "", (*examination).schema},
	{"times", "", (*examination).times},
	{"foreign-key-index", "", (*examination).foreignKeyIndexes},
	{"duplicate-index", "", (*examination).duplicateIndexes},
	{"queries", "", (*examination).queries},
	{"unused-index", "", (*examination).unusedIndexes},
	{"settings", "the server chooses them", (*examination).settings},
	{"log", "the server looks after its log", (*examination).log},
	{"free-pages", "a server refuses VACUUM", (*examination).freePages},
	{"statistics", "a server refuses ANALYZE", (*examination).statistics},
}

// Number returns the number of checks.
func Number() int { return len(checks) }

// skipFor returns a skip if a check doesn't apply to the database.
func skipFor(c check, in Input) error {
	if c.fileOnly != "" && in.Engine != db.SQLite {
		return skip(c.fileOnly)
	}
	return nil
}
