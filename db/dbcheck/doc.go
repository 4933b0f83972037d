// Package dbcheck checks that the code that sqlc generated for SQLite does what its queries
// say. sqlc 1.31 misreads some queries, loses parameters or exchanges their values, and exits
// with status 0. The code then returns wrong rows without an error. One test finds this:
//
//	func TestQueries(t *testing.T) {
//		dbcheck.Queries(t, dbsqlc.New, schema.FS, os.DirFS("../queries"))
//	}
//
// The test needs no server and no database. The program under test needs nothing of duolite:
// any program with code of sqlc can use the package. Tools call [Check]. [Source] reads the
// queries before sqlc does, and finds the mistakes at which sqlc or the Go compiler stops. Faults of
// one release of sqlc, such as characters outside ASCII with 1.31, are found in the code that it wrote.
//
// # Rules
//
// Each [Finding] names the rule that is broken:
//
//   - source: sqlc refuses the query, makes no method of it, or writes code that doesn't compile.
//   - text: the statement that is sent isn't the statement of the source.
//   - dropped-parameter: a parameter of the source gets no argument.
//   - binding: a parameter gets the argument of another one.
//   - empty-slice: a slice without values makes the opposite condition true for no row.
//   - unused-argument: an argument reaches no parameter.
//   - stale: the generated code is older or newer than the queries.
//   - compile: SQLite, or the server, doesn't compile the statement with this schema.
//   - columns: the result has other columns than the method reads, or in another order.
//   - null-result: a NULL comes back that the method's type can't hold.
//   - scan: a value comes back that the method's type can't hold.
//   - changed-value: the method returns another value than the statement gave.
//   - argument-type: the argument's Go type can't equal the expression that it is compared with.
//   - times: SQL stores a time in one form, and an argument is sent in another.
//   - homes: the query returns different values on a file and on a server.
//   - check-list: a text is compared with a column whose CHECK doesn't have it.
//   - dynamic: a variant of a dynamic query has other rows or a slower plan, or a condition has no effect.
//   - unchecked: nothing could be proven about the method.
//
// A comment in the query opts out of one rule, and gives the reason:
//
//	-- name: TopViews :one
//	-- dbcheck:allow null-result: there is always a post
//	SELECT CAST(max(views) AS INTEGER) FROM posts;
//
// (The opt-outs of sqlc vet have the form @sqlc-vet-disable RULE. sqlc refuses names there that
// its configuration doesn't have.)
//
// # What is proven
//
// Arguments. Each method is called with one argument changed at a time, and with slices of
// 3, 1 and 0 values. This shows where in the statement each argument goes. The
// statement is compared with its source, token by token. Every placeholder of the
// source must get the argument that it names, by the numbers that SQLite gives to ?,
// ?2 and :name. Every argument must have a placeholder. The text must be the source's,
// with nothing cut off or left over. The proof holds for all arguments, not only for
// the arguments that were tried.
//
// Types of arguments. sqlc gives an argument that is compared with an expression the type
// of the first column in it: a time for date(created_at) = ?. Such a comparison is true for
// no row. It is found for the functions of SQLite that always return a number, or a text
// of another form, and for values taken out of JSON.
//
// Times. SQLite compares them as text, and SQL and Go may write the same time in two forms:
// CURRENT_TIMESTAMP writes 2026-03-04 05:06:07, a dbtype.Time made in Go 2026-03-04 05:06:07.000,
// and date('now') no hour at all. [RuleTimes] finds a column that SQL fills in one form, by its
// DEFAULT, a query or a trigger, and that an argument is written to, or compared with, in another.
// The methods that write are run to see which forms a column gets. A comparison is a finding
// only if the query returns another answer, for the same rows, when the same time comes in the other
// form. (A time that was read is sent in the form in which it was read. Pages by key are therefore
// right as long as they begin with a time that was read.) Package dbtype says which default goes with
// which type.
//
// The statement compiles with the schema. The schema is made of the migrations themselves, with virtual
// tables and triggers, in a SQLite database in memory. It is read as sqlc reads it: the
// *.sql files of the folder in the order of their names, without their Down sections, and without
// queries that are in the same file. An INSERT or UPDATE in it may fail.
//
// Names in double quotes. SQLite can take a name that names nothing for a
// text: a misspelt column is then never equal to anything, without an error. Package db
// turns this off, and so does a server. Such names are found, by file and line, in queries, and in
// the views, triggers, CHECKs, indexes and computed columns of the schema.
//
// Texts. A text that is compared with a column, or stored in it, is in the list of the column's
// CHECK, if the CHECK has the form column IN ('a', 'b').
//
// Columns. As many columns come back as the method reads, each in the field of its name.
//
// # Dynamic queries
//
// A query with the comment db:dynamic has variants (see "Dynamic statements" in package db). Each variant
// that the method's arguments reach, 64 at most, is run beside the query as it is written, on filled tables,
// and must have the same rows, in any order. [RuleDynamic] also compares the plans: a finding is a variant that sorts
// before LIMIT, or reads a whole table, where the query as it is written doesn't. [Report.Plans] has the
// plans.
//
// # What is tried
//
// Values. The tables are filled with rows that their constraints allow, in several
// ways: no rows at all; rows in all tables; NULL wherever it is allowed; integers that a float64
// can't hold; each table empty in turn, so that outer joins find nothing. Columns get
// values of their declared types, the constants that queries and CHECKs compare them with, and JSON or
// times where a function reads those. Each method is called with many arguments, in transactions that are
// rolled back. A finding is a NULL or another value that the method can't read, or that it
// changes, with the rows that showed it. There is no false alarm, but
// a value that no row showed stays unknown. [Report] lists the methods that returned no row. An argument
// that can be NULL is NULL in some calls, and has a value of a matching row in others, so that a query with
// many filters returns rows. [Report] also lists the arguments and columns for which sqlc knows no type.
//
// The check assumes that a column holds values of its declared type, that there
// is no NULL in a primary key or in a virtual table's own columns, although SQLite allows it,
// and that foreign keys are enforced.
//
// Types that sqlc.yaml chooses instead of sqlc's own, such as a bool for an INTEGER, get the values that
// they write themselves, and the values of the column that they read. A value that a writing statement
// returns and that an argument has brought is no finding.
//
// # Files and servers
//
// A query should return the same on a file and on a libSQL server. Some functions have one
// name and two meanings there: log(100) is 2 on a file and 4.6 on a server, ceil(x) / 4 a
// REAL and an INTEGER, strftime('%V', x) a number and NULL. [RuleHomes] finds these where
// the text of the query shows them, and names SQL that is the same on both. It is always on. It doesn't
// find differences that depend on values alone, such as a REAL that becomes a text.
// docs/differences.md of this module lists all differences.
//
// A statement that a file or a server doesn't compile is an error there, and no wrong result. With
// [Server] a server compiles each statement too: a function that only SQLite has, such as trunc(x), is
// then found, and a function that only the server has, such as vector32(x), passes. With [OpenWith]
// the check knows the program's own functions, collations, extensions and temporary tables.
package dbcheck
