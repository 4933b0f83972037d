// Package decide takes the conditions out of a statement that its arguments alone decide.
//
//	SELECT * FROM books WHERE (?1 IS NULL OR author = ?1) AND (?2 IS NULL OR year >= ?2)
//
// SQLite plans this statement before it knows the arguments, so no index on author helps. With the
// arguments 'Le Guin' and NULL, the variant of the statement is
//
//	SELECT * FROM books WHERE (author = ?1)
//
// which has the same rows and uses the index. A [Plan] holds the conditions of a statement, and
// makes a variant for each combination of their outcomes that occurs.
//
// # Decided conditions
//
// A condition is decided if it consists of parameters and literals alone, in one of these forms,
// and its value follows from rules of SQLite that depend neither on the schema nor on the text
// encoding of the database:
//
//	P IS NULL, P IS NOT NULL, P ISNULL, P NOTNULL, P NOT NULL
//	P = V, P == V, P <> V, P != V, P < V, P <= V, P > V, P >= V, P IS V, P IS NOT V
//	P IN (V, …), P NOT IN (V, …)
//	P
//
// P and V are a parameter, an integer, a text, NULL, coalesce or ifnull of these, or CAST of a
// parameter. Not decided are, for example, the words TRUE and FALSE, which name a column where one has
// this name; the order of two texts, which depends on the encoding; and a comparison after
// a CAST that converts.
//
// # Edits
//
// Conditions are decided in WHERE and ON, at each level of AND, OR, NOT, parentheses and
// searched or simple CASE, by three-valued logic. In ORDER BY a CASE is replaced by its branch if
// its conditions are decided. coalesce(P, …) with an argument that isn't NULL is replaced by P.
// All other text stays, byte for byte. In particular, nothing is changed in a select list or in
// RETURNING, since SQLite names columns by their text, nor in GROUP BY, HAVING, window
// definitions, SET, LIMIT and the ORDER BY of a compound.
//
// Some statements have no variants: an INSERT, a statement with INDEXED BY, a statement with both named and
// other parameters (see isMixed), and one with more than 32 decided conditions, 64 KiB of text or 100 levels
// of parentheses, NOT or CASE.
//
// # What may differ
//
// A variant returns the rows that the statement returns. It may differ in everything that SQL
// leaves open, which is all that depends on the order in which SQLite reads rows and evaluates conditions:
//
//   - the order of rows that ORDER BY doesn't determine, and therefore the rows within a LIMIT;
//   - the text of group_concat, and the last digits of a sum of REAL;
//   - the values of bare columns of GROUP BY;
//   - the value that DISTINCT, UNION, GROUP BY, min or max keeps of equal ones, such as 'a' and 'A';
//   - the order of RETURNING and of triggers;
//   - which conditions are evaluated for a row that another one excludes, and so whether they fail;
//   - whether an UPDATE of a UNIQUE column meets a value that a later row gives up.
//
// A condition that is left out isn't evaluated, so it can't fail. A virtual table gets other
// conditions, and answers them by its own rules: json_each has rows for json = ?1, and none for ?1 IS NULL
// OR json = ?1, where a full-text table refuses MATCH.
package decide
