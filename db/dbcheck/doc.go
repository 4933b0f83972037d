// Package dbcheck proves of the code that sqlc generated for SQLite that it does what
// its queries say. sqlc 1.31 takes some queries for others than they are, loses
// parameters or gives them each other's values, and exits 0; what it made of them
// returns wrong rows without an error. One test finds that:
//
//	func TestQueries(t *testing.T) {
//		dbcheck.Queries(t, dbsqlc.New, schema.FS, os.DirFS("../queries"))
//	}
//
// It needs no server, no database, and nothing of duolite at run time: any program with
// code of sqlc can have it. For tools there is [Check]. [Source] reads the queries before
// sqlc does, for what sqlc itself, or the Go compiler, stops at.
//
// # What is proven
//
// Arguments. Each method is called, with one argument changed at a time, and slices of
// 3, 1 and no values: so it shows where in the statement each argument goes. The
// statement is laid beside its source, token by token. Then every placeholder of the
// source must have got the argument that it names, by the numbers that SQLite gives to ?,
// ?2 and :name; every argument must have a placeholder; and the text must be the source's,
// with nothing cut off or left over. This part holds for all arguments, not for
// those that were tried only.
//
// An argument's type. sqlc gives an argument that is compared with an expression the type
// of the first column inside: a time for date(created_at) = ?. Such a comparison is true for
// no row. It is found for the functions of SQLite that always return a number, or a text
// of another form, and for what is taken out of JSON.
//
// Times. SQLite compares them as text, and SQL and Go may write the same time in two forms:
// CURRENT_TIMESTAMP 2026-03-04 05:06:07, a dbtype.Time made in Go 2026-03-04 05:06:07.000, and
// date('now') no hour at all. [RuleTimes] finds a column that SQL fills in one form, by its
// DEFAULT, a query or a trigger, and that an argument goes to, or is compared with, in another.
// The methods that write are run to see which forms a column gets. A comparison is a finding
// only if the query answers otherwise, for the same rows, when the same time comes in the other
// form. (A time that was read is sent in the form that it was read in, so pages by key are right
// as long as they begin with a time that was read.) Package dbtype says which default goes with
// which type.
//
// The statement compiles with the schema: the migrations themselves, virtual tables and
// triggers included, in a SQLite in memory. The schema is read as sqlc reads it: the
// *.sql files of the folder in the order of their names, without their Down sections.
//
// A name in double quotes names something. SQLite can take one that names nothing for a
// text, so that a misspelt column is never equal to anything, and no error says so. Package db
// turns that off, and so does a server. Such names are found, by file and line, in queries, and in
// the views, triggers, CHECKs, indexes and computed columns of the schema.
//
// Columns. As many come back as the method reads, each in the field of its name.
//
// # What is tried
//
// Values. The tables are filled with rows that their constraints allow, in several
// ways: none at all; all tables; NULL wherever that is allowed; integers that a float64
// can't hold; each table empty in turn, so that outer joins find nothing. Columns get
// values of their declared types, what queries and CHECKs compare them with, and JSON or
// times where a function reads those. Each method is called on them with many arguments, in transactions that are
// rolled back. A NULL or another value that the method can't read, or that changes on
// the way, is a finding, with the rows that showed it. So there is no false alarm; but
// what no row showed stays unknown. [Report] has the methods that returned none.
//
// It is taken for granted that a column holds values of its declared type, that there
// is no NULL in a primary key or in a virtual table's own columns, which SQLite allows,
// and that foreign keys are enforced.
//
// Types that sqlc.yaml puts in the place of sqlc's own get the values that they write
// themselves, and those of the column that they read.
//
// # Two homes
//
// A query is to return the same on a file and on a libSQL server. Some functions have one
// name and two meanings there: log(100) is 2 on a file and 4.6 on a server, ceil(x) / 4 a
// REAL and an INTEGER, strftime('%V', x) a number and NULL. [RuleHomes] finds these where
// the text of the query shows them, and says what is the same in both; it is always on. What differs by
// its values alone, such as a REAL that is made a text, it doesn't find. docs/differences.md of
// this module has all.
//
// What one home doesn't compile is an error there, and no wrong result. With [Server] a
// server compiles each statement as well: what only SQLite has, such as trunc(x), is then
// found, and what only the server has, such as vector32(x), passes.
//
// # Opting out
//
// A comment in the query allows one rule, and says why:
//
//	-- name: TopViews :one
//	-- dbcheck:allow null-result: there is always a post
//	SELECT CAST(max(views) AS INTEGER) FROM posts;
//
// (Those of sqlc vet have the form @sqlc-vet-disable RULE, and sqlc refuses names there that
// its configuration doesn't have.)
package dbcheck
