package conformance

import "testing"

// A defect is a fault that was observed in a driver for SQLite or libSQL, and the cases that
// detect it.
type defect struct {
	text  string
	cases []string
}

// defects lists the observed defects, the worst first.
var defects = []defect{
	{"The driver repeats a write whose reply was lost.",
		[]string{"faults/an answer that is lost", "faults/an answer that is lost in a transaction"}},
	{"A script that fails rolls back the caller's transaction, and later statements run outside of it.",
		[]string{"scripts/in the caller's transaction, and fails", "scripts/in the caller's transaction, and would end it",
			"scripts/in a transaction by text", "lost/ON CONFLICT ROLLBACK in a script"}},
	{"After the server has ended a transaction, each later statement commits alone.",
		[]string{"lost/ON CONFLICT ROLLBACK", "lost/a conflict clause of the table", "lost/RAISE(ROLLBACK) in a trigger",
			"contention/a transaction that idles while another waits"}},
	{"A connection returns to the pool with a transaction that BEGIN as text has opened.",
		[]string{"transactions/BEGIN through a pool of one connection", "transactions/BEGIN, INSERT, COMMIT through the pool",
			"transactions/a connection closed with an open transaction", "scripts/with its own transaction that doesn't end"}},
	{"A script that fails is applied in part.",
		[]string{"scripts/all or nothing", "scripts/all or nothing of what is defined", "scripts/a syntax error at the end"}},
	{"A large script that fails is committed.",
		[]string{"scripts/more than 20 MB"}},
	{"A write whose reply is too large returns an error, although it is applied.",
		[]string{"limits/RETURNING of 12 MB"}},
	{"Arguments of several statements are bound to the wrong statement.",
		[]string{"statements/several statements with arguments are refused", "parameters/too few arguments are refused"}},
	{"Text that isn't UTF-8 is stored as another text.",
		[]string{"values/text that isn't UTF-8 is refused", "values/a refused value in a transaction"}},
	{"An infinity is read as NULL.",
		[]string{"values/numbers that JSON doesn't have are refused", "limits/an infinity as a result"}},
	{"A nil []byte is stored as an empty blob.",
		[]string{"values/nil is NULL", "values/nil bytes don't pass NOT NULL"}},
	{"A reply that isn't valid causes a panic.",
		[]string{"faults/answers that are none"}},
	{"Commit never returns if the server is silent.",
		[]string{"faults/silence", "patience/silence at the end of a transaction"}},
	{"The result of an empty text causes a panic.",
		[]string{"statements/Exec of nothing", "statements/Query and Prepare of nothing"}},
	{"An infinity causes a panic.",
		[]string{"limits/an infinity as a result"}},
	{"A constraint error has no code and no type, or holds the whole statement.",
		[]string{"errors/constraints", "errors/each error has one kind", "errors/no long texts in errors"}},
	{"A deadline in a transaction is reported as a bad connection.",
		[]string{"lost/interrupted Exec", "lost/interrupted Query", "lost/interrupted script", "cancel/past the deadline"}},
	{"After a deadline the state of the transaction is unknown.",
		[]string{"lost/interrupted while rows are read", "transactions/a context that ends after its statement"}},
	{"The error about an expired stream has no text.",
		[]string{"faults/a proxy's errors", "patience/idle for longer than a server keeps anything"}},
	{"A proxy's error is a page of HTML, and has no type.",
		[]string{"faults/answers that are none", "faults/a proxy's errors"}},
	{"The loss of the server in a transaction looks like any other error.",
		[]string{"faults/a server that returns within a transaction"}},
	{"Ping doesn't query the database.",
		[]string{"pool/ping", "faults/ping asks the server"}},
	{"A connection returns to the pool after an HTTP error, and can't be used.",
		[]string{"faults/a connection after an error of HTTP", "faults/a server that returns", "cancel/the only connection of a pool"}},
	{"NaN is reported as a bad connection, or stored as NULL.",
		[]string{"values/numbers that JSON doesn't have are refused", "values/a refused value in a transaction"}},
	{"A time.Time is refused, or stored in Go's format, which SQLite can't read.",
		[]string{"times/stored as text in UTC", "times/what SQLite's functions make of it", "times/compared with an argument"}},
	{"The column and the driver decide whether a time is read as a string.",
		[]string{"times/declared types that hold times", "times/declared types that don't", "times/through views, subqueries and more"}},
	{"LastInsertId is the id of an earlier statement.",
		[]string{"results/no id of other statements", "results/no id of an insert that was ignored", "results/no id of an upsert that updated"}},
	{"RowsAffected is the count of an earlier statement.",
		[]string{"results/no rows affected by other statements", "results/Exec of RETURNING"}},
	{"A query of several statements returns the rows of the last one.",
		[]string{"columns/one result set", "statements/several statements in a query are refused"}},
	{"An empty blob is read as nil.",
		[]string{"values/an empty blob is not NULL"}},
	{"Extra arguments are ignored.",
		[]string{"parameters/too many arguments are refused", "parameters/unknown and missing names are refused"}},
	{"The numbers of parameters can't have gaps.",
		[]string{"parameters/numbers with gaps", "parameters/numbers mixed with plain ones"}},
	{"A call can't have both named and positional arguments.",
		[]string{"parameters/names and positions"}},
	{"Drivers bind a positional argument to different named parameters.",
		[]string{"parameters/positions for names"}},
	{"Bad SQL can be prepared.",
		[]string{"prepared/bad SQL fails at Prepare"}},
	{"ReadOnly and isolation levels are ignored, or all of them are refused.",
		[]string{"transactions/isolation levels", "transactions/read-only refuses writes"}},
	{"PRAGMAs and settings have different effects, such as foreign keys that are off.",
		[]string{"features/foreign keys are on", "features/table-valued pragmas", "limits/PRAGMAs that set up a connection"}},
	{"The version of SQLite decides which SQL is accepted.",
		[]string{"limits/the newest syntax", "limits/the newest functions"}},
	{"The largest value differs.",
		[]string{"values/values of 4.9 MB", "limits/5,000,000 bytes", "limits/a value of more than 5,000,000 bytes"}},
	{"A result of 12 MB is refused.",
		[]string{"pool/a result of 12 MB"}},
	{"A row changes when another statement runs before it is scanned.",
		[]string{"destinations/Scan twice, and after other statements", "destinations/Scan after another statement, in a result of 12 MB"}},
	{"Values are converted to Go types in another way than database/sql's.",
		[]string{"destinations/each value into each Go type", "destinations/in a batch"}},
	{"Errors of a statement with many parameters hold its whole text.",
		[]string{"parameters/one more is refused", "errors/no long texts in errors"}},
	{"Drivers report an error in the third row at different calls.",
		[]string{"statements/a query that fails after some rows"}},
	{"The types of columns are unknown.",
		[]string{"columns/declared and Go types", "columns/types of a result without rows"}},
	{"The values of last_insert_rowid() and changes() come from another connection.",
		[]string{"results/last_insert_rowid and changes in a transaction"}},
	{"Text in the database that isn't UTF-8 makes a connection unusable.",
		[]string{"limits/a text that isn't UTF-8 in the database"}},
	{"Drivers disagree on comments without an end and on EXPLAIN without arguments.",
		[]string{"statements/a comment that doesn't end", "statements/EXPLAIN wants its arguments"}},
}

// TestDefects checks that each defect is detected by a case, and that these cases exist.
func TestDefects(t *testing.T) {
	names := map[string]bool{}
	for _, topic := range topics() {
		for _, c := range topic.cases {
			names[topic.name+"/"+c.name] = true
		}
	}
	for _, d := range defects {
		if len(d.cases) == 0 {
			t.Errorf("no case detects this defect: %s", d.text)
		}
		for _, name := range d.cases {
			if !names[name] {
				t.Errorf("the case %q doesn't exist; it would detect this defect: %s", name, d.text)
			}
		}
	}
}
