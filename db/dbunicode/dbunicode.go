// Package dbunicode has the order of texts in a language, and case folding, for SQL on files and
// databases in memory. SQLite's own order compares bytes, and its upper, lower, LIKE and NOCASE
// know the letters of ASCII alone.
//
//	pool, err := db.Open(ctx, "app.db",
//		dbunicode.Collation("german", language.German),
//		dbunicode.Fold())
//
//	SELECT * FROM people ORDER BY name COLLATE german;
//	CREATE UNIQUE INDEX people_name ON people (casefold(name));
//
// A libSQL server and a replica of one refuse the options, as [db.WithCollation] says.
//
// The package golang.org/x/text has the order and the foldings. Another version of it may have others:
// after an upgrade run REINDEX if an index uses them.
package dbunicode

import (
	"sync"

	"github.com/duolite/duolite/db"
	"golang.org/x/text/cases"
	"golang.org/x/text/collate"
	"golang.org/x/text/language"
)

// Collation adds a collation with the order of a language, by the Unicode Collation Algorithm and
// CLDR. The options of package collate change it: [collate.IgnoreCase] makes a and A equal,
// [collate.Numeric] orders 2 before 10.
//
// Texts that the order takes for the same are equal to SQLite: é as one character and as e with an
// accent. So they are one value to UNIQUE, DISTINCT and GROUP BY.
func Collation(name string, tag language.Tag, opts ...collate.Option) db.Option {
	collators := sync.Pool{New: func() any { return collate.New(tag, opts...) }} // one is for one goroutine
	return db.WithCollation(name, func(a, b string) int {
		c := collators.Get().(*collate.Collator)
		defer collators.Put(c)
		return c.CompareString(a, b)
	})
}

// Fold adds the function casefold(text). Texts that differ in the case of letters have the same
// result: straße and STRASSE.
func Fold() db.Option {
	folders := sync.Pool{New: func() any { folder := cases.Fold(); return &folder }}
	return db.WithFunction("casefold", func(text string) string {
		folder := folders.Get().(*cases.Caser)
		defer folders.Put(folder)
		return folder.String(text)
	}, db.Deterministic, db.Innocuous)
}
