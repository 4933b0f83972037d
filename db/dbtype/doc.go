// Package dbtype has column types that are written and read in the same way on every engine.
// This also holds for expressions and aggregates, for which a driver doesn't know a column's
// declared type:
//
//   - [Time] is an instant in UTC. It is stored as text that SQLite's date functions accept
//     and that sorts by time. Scan also accepts the other forms in which programs store
//     times in SQLite.
//   - [Date] is a calendar day, stored as SQLite's date() writes it.
//   - [JSON] is JSON text, kept byte for byte.
//   - [Of] is JSON that is decoded into a type of the program.
//   - [Vector] is a vector for a search by similarity, of sqlite-vec and libSQL.
//
// A bool needs no special type: it is stored as 0 or 1 in any column. Types of other packages
// that implement Scan and Value work unchanged, such as UUID of github.com/google/uuid.
//
// # Times
//
// SQLite compares times as text, so all times of a column must have the same form. These
// belong together:
//
//	type of Go      default of the column                                form
//	time.Time       CURRENT_TIMESTAMP, datetime('now')                   2006-01-02 15:04:05
//	Time            strftime('%Y-%m-%d %H:%M:%f', 'now')                 2006-01-02 15:04:05.000
//	Date            CURRENT_DATE, date('now')                            2006-01-02
//
// A time.Time with a fraction of a second has three, six or nine more digits, and sorts
// correctly among the others. A time that was read is written in the form in which it was
// read, by each of these types, so that it equals the stored text; see [FormatTime].
//
// # NULL
//
// NULL is a nil pointer: *Time, *JSON, *Of[T]. A nil pointer is NULL for every type, and null
// in JSON. The standard library's [database/sql.Null] also works with each type, but in JSON
// it is an object with the fields V and Valid. Scanning NULL into a Time or an Of is an error.
//
// # With sqlc
//
// These are the Go settings of sqlc.yaml. The entries after "One column" are examples:
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
//	  - db_type: f32_blob(384)
//	    go_type: &vector {import: github.com/duolite/duolite/db/dbtype, type: Vector}
//	  - db_type: f32_blob(384)
//	    nullable: true
//	    go_type: *vector
//	  # Expressions: CAST(max(created_at) AS timetext).
//	  - db_type: timetext
//	    go_type: *time
//	  - db_type: timetext_null
//	    go_type: *nulltime
//	  - db_type: jsontext
//	    go_type: *json
//	  - db_type: jsontext_null
//	    go_type: *nulljson
//	  - db_type: f32_blob
//	    go_type: *vector
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
// sqlc compares db_type case-sensitively, and doesn't report an entry that never applies.
// Declare the types in lower case: datetime and json. Other declared types that hold times,
// such as timestamp, need the same two entries. A column f32_blob(384) holds vectors of 384 numbers; to
// SQLite it is a BLOB. A nil Vector is NULL.
//
// Expressions have no declared type, so sqlc uses interface{} for max(created_at). A cast
// gives it a type. Don't use CAST(… AS datetime) or CAST(… AS json): SQLite converts a time to
// the number 2026 and an object to 0, which Scan refuses. Any type name that contains "text"
// casts to text. The names timetext and jsontext tell sqlc the type of that text. An aggregate
// of no rows is NULL; use timetext_null for it. An argument of a function gets its type by a cast too:
// vec_distance_cosine(embedding, CAST(sqlc.arg(query) AS f32_blob)) takes a Vector.
//
// STRICT tables accept neither datetime nor json. Declare the column as text (integer for a
// bool), and add an entry for each column. Such an entry applies to the column everywhere,
// also where a LEFT JOIN makes it NULL.
//
// An entry of sqlc can import only one package, and an [Of] needs two. So declare a name for
// it, beside the type that it decodes into:
//
//	package model
//
//	type Settings = dbtype.Of[SettingsValue]
//
//	type SettingsValue struct {
//		Theme string `json:"theme"`
//	}
package dbtype
