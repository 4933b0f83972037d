// Package dbtype has column types that read and write the same on every engine, also
// inside expressions and aggregates, where a driver no longer knows what a column was
// declared as:
//
//   - [Time] is an instant in UTC, stored as text that SQLite's date functions read and
//     that sorts. It reads the other forms too in which programs store times in SQLite.
//   - [Date] is a day of the calendar, stored as SQLite's date() writes it.
//   - [JSON] is JSON as it is, byte for byte.
//   - [Of] is JSON that is decoded into a type of your own.
//
// A bool needs no type of its own: it is 0 or 1 in any column. Types of other packages
// that have Scan and Value work as they are, such as UUID of github.com/google/uuid.
//
// # Times
//
// SQLite compares times as text, so a column is sound as long as all of its times have one
// form. These go together:
//
//	type of Go      default of the column                                form
//	time.Time       CURRENT_TIMESTAMP, datetime('now')                   2006-01-02 15:04:05
//	Time            strftime('%Y-%m-%d %H:%M:%f', 'now')                 2006-01-02 15:04:05.000
//	Date            CURRENT_DATE, date('now')                            2006-01-02
//
// (A time.Time with a fraction of a second has three, six or nine digits more. It sorts right
// among the others.) A time that was read is written as it was read, whichever of the types it
// went through, so that it equals the stored one; see [FormatTime].
//
// # NULL
//
// NULL is a nil pointer: *Time, *JSON, *Of[T]. Pointers are NULL for every type alike,
// and null in JSON. The standard library's [database/sql.Null] works with each type too,
// but is in JSON an object with the fields V and Valid. Scanning NULL into a Time or an
// Of is an error that says so.
//
// # With sqlc
//
// This is for the settings of Go in sqlc.yaml; what is under "One column" are examples:
//
//	overrides:
//	  - db_type: datetime
//	    go_type: &time {import: github.com/duolite/duolite/db/dbtype, type: Time}
//	  - db_type: datetime
//	    nullable: true
//	    go_type: &nulltime {<<: *time, pointer: true}
//	  - db_type: date
//	    go_type: &date {import: github.com/duolite/duolite/db/dbtype, type: Date}
//	  - db_type: date
//	    nullable: true
//	    go_type: &nulldate {<<: *date, pointer: true}
//	  - db_type: json
//	    go_type: &json {import: github.com/duolite/duolite/db/dbtype, type: JSON}
//	  - db_type: json
//	    nullable: true
//	    go_type: &nulljson {<<: *json, pointer: true}
//	  # Expressions: CAST(max(created_at) AS timetext).
//	  - db_type: timetext
//	    go_type: *time
//	  - db_type: timetext_null
//	    go_type: *nulltime
//	  - db_type: jsontext
//	    go_type: *json
//	  - db_type: jsontext_null
//	    go_type: *nulljson
//	  # One column.
//	  - column: accounts.settings
//	    go_type: {import: example.com/app/model, type: Settings}
//	  - column: accounts.key
//	    go_type: {import: github.com/google/uuid, type: UUID}
//	  - column: events.at
//	    go_type: *time
//	  - column: events.seen_at
//	    go_type: *nulltime
//	  - column: events.handled
//	    go_type: bool
//
// sqlc compares db_type with case, and says nothing about one that never applies: declare
// the types in lower case, datetime and json. Other declared types that hold times,
// such as timestamp, want the same two entries.
//
// Expressions have no declared type, so to sqlc max(created_at) is an interface{}. A
// cast names one. It must not be CAST(… AS datetime) or CAST(… AS json): SQLite makes
// numbers of those, 2026 of a time and 0 of an object, which Scan refuses. A name with
// "text" in it casts to text, and any will do, so timetext and jsontext are names
// that only say to sqlc what the text is. An aggregate of no rows is NULL: that is what
// timetext_null is for.
//
// STRICT tables know neither datetime nor json; there each column is named, and is
// declared text (integer for a bool). Such an entry holds for the column wherever it
// is read, also where a LEFT JOIN makes it NULL.
//
// For an [Of], sqlc can import only one package, and two are needed. So the type gets a
// name beside the one it decodes into:
//
//	package model
//
//	type Settings = dbtype.Of[SettingsValue]
//
//	type SettingsValue struct {
//		Theme string `json:"theme"`
//	}
package dbtype
