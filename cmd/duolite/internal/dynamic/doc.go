// Package dynamic lets sqlc read dynamic queries: queries with the comment db:dynamic, whose
// conditions are decided by their arguments (package decide).
//
// sqlc gives a parameter the type of its first use. In sqlc.narg(x) IS NULL OR col = sqlc.narg(x) that
// is any. It also takes no parameter in ORDER BY. So sqlc gets another text, in which each
// parameter of a decided condition is a placeholder, a literal:
//
//	'db:dynamic:1' IS NULL OR col = sqlc.narg(x)
//
// A parameter that has no other use gets one in WHERE, an anchor, with a CAST to the type that
// its literals show. [Sources.Restore] replaces the placeholders in sqlc's code by the numbers that
// sqlc gave the parameters, and removes the anchors, so that the code has the text of the query
// again, with its comment.
package dynamic
