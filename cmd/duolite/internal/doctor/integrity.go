package doctor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/duolite/duolite/db"
)

// maxMessages limits the findings of SQLite's check, which stops after 100.
const maxMessages = 20

const restore = "restore a backup, or save the readable rows with sqlite3's .recover"

// integrity has SQLite check the pages, the indexes and the constraints of rows.
// https://sqlite.org/pragma.html#pragma_integrity_check
func (x *examination) integrity(ctx context.Context) error {
	unfinished, err := x.names(ctx, "SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'duolite_copy'")
	if err != nil && !errors.Is(err, db.ErrCorrupt) {
		return err
	}
	if len(unfinished) > 0 {
		x.found(Error, unfinished[0], "run the same duolite copy again, which goes on", "the database is a copy that isn't complete")
	}
	name := "integrity_check"
	if x.Quick {
		name = "quick_check"
	}
	messages, err := x.names(ctx, fmt.Sprintf("SELECT %s FROM pragma_%s", name, name))
	for i, line := range faultsIn(messages) {
		if i == maxMessages {
			x.found(Error, "", restore, "there are more messages of PRAGMA %s", name)
			break
		}
		x.found(Error, "", remedyOf(line), "%s", line)
	}
	if errors.Is(err, db.ErrCorrupt) {
		x.found(Error, "", restore, "%v", err)
		return nil
	}
	return err
}

// faultsIn returns the lines of messages that name a fault.
func faultsIn(messages []string) []string {
	return slices.DeleteFunc(strings.Split(strings.Join(messages, "\n"), "\n"), func(line string) bool {
		return line == "" || line == "ok" || strings.HasPrefix(line, "*** in database")
	})
}

// remedyOf returns the remedy for a message of SQLite, whose texts are documented by their beginnings.
func remedyOf(message string) string {
	switch {
	case strings.Contains(message, "missing from index"), strings.HasPrefix(message, "wrong # of entries in index"), strings.HasPrefix(message, "non-unique entry in index"):
		return "REINDEX, after a backup"
	case strings.HasPrefix(message, "NULL value in"), strings.HasPrefix(message, "CHECK constraint failed in"),
		strings.HasPrefix(message, "non-") && strings.Contains(message, " value in "), strings.HasPrefix(message, "NUMERIC value in"), strings.HasPrefix(message, "TEXT value in"):
		return "change the rows that violate the constraint; it was added later, or not enforced when they were written"
	case strings.Contains(message, "inverted index for FTS5"):
		return "INSERT INTO TABLE(TABLE) VALUES ('rebuild'), with the name of the full-text table"
	default:
		return restore
	}
}

// Unreadable returns the finding for a database that can't be opened.
func Unreadable(err error) Finding {
	return Finding{"integrity", Error, "", err.Error(), restore}
}
