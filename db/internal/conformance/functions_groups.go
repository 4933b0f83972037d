package conformance

const oldSQLite = "The server's SQLite is older."

// functionGroups are the differences of functions. Their cases are in functions.txt.
var functionGroups = []Difference{
	{
		Key:      "log",
		Contract: "log(x) has the base 10, and log(b, x) the base b.",
		Instead:  "log(x) is the natural logarithm, and there is no log(b, x). (ln, log10 and exp are the same everywhere.)",
		Why:      "The server has an older extension under this name.",
	},
	{
		Key:      "ceil",
		Contract: "ceil, ceiling and floor of a REAL return a REAL: ceil(1.5) / 4 is 0.5.",
		Instead:  "They return an INTEGER: ceil(1.5) / 4 is 0, and ceil(1e30) is the smallest integer. (CAST(ceil(x) AS INTEGER) and AS REAL are the same everywhere for values that fit into an INTEGER.)",
		Why:      "The server has an older extension under these names.",
	},
	{
		Key:      "math-errors",
		Contract: "A mathematical function returns NULL for a text that isn't a number and outside of its domain, and infinity for a result that is too large.",
		Instead:  "Such a text counts as 0; the other cases are errors.",
		Why:      "The server has an older extension under these names.",
	},
	{
		Key:      "real-as-text",
		Contract: "A REAL converted to text by CAST, ||, format('%s'), quote or JSON has up to 17 digits, and converts back to the same number.",
		Instead:  "CAST, || and format write 15 digits: CAST(0.1 + 0.2 AS TEXT) is 0.3.",
		Why:      oldSQLite,
	},
	{
		Key:      "format",
		Contract: "format supports %j and %J, and %.0f rounds half away from zero.",
		Instead:  "A format with %j or %J returns NULL, and %.0f truncates 3.7 to 3. (format('%d', round(x)) is the same everywhere.)",
		Why:      oldSQLite,
	},
	{
		Key:      "like-blob",
		Contract: "LIKE and GLOB are false for a BLOB, and there is no operator REGEXP.",
		Instead:  "LIKE and GLOB treat a BLOB as text, and REGEXP is an operator.",
		Why:      "The server's SQLite is compiled with other options.",
	},
	{
		Key:      "json-arrow",
		Contract: "A negative number on the right of -> and ->> counts from an array's end, and a text of digits is a name.",
		Instead:  "A negative number finds nothing, and a text of digits is an index. (The paths '$[#-1]', '$[1]' and '$.\"1\"' are the same everywhere.)",
		Why:      oldSQLite,
	},
	{
		Key:      "json-control",
		Contract: "A JSON string may contain control characters, as in JSON5.",
		Instead:  "Such JSON is malformed.",
		Why:      oldSQLite,
	},
	{
		Key:      "json-null-key",
		Contract: "json_group_object omits a NULL name.",
		Instead:  "The result is then not valid JSON.",
		Why:      oldSQLite,
	},
	{
		Key:      "concat-ws",
		Contract: "concat_ws also writes its separator around empty texts.",
		Instead:  "It omits empty texts and their separators.",
		Why:      oldSQLite,
	},
	{
		Key:      "date-modifiers",
		Contract: "The modifiers 'floor' and 'ceiling' choose the day if the month has no such day.",
		Instead:  "A date function with one of them returns NULL.",
		Why:      oldSQLite,
	},
	{
		Key:      "strftime",
		Contract: "strftime supports %G, %g, %V and %U.",
		Instead:  "It returns NULL for a format with one of them. (%Y, %W, %j, %w and %u are the same everywhere.)",
		Why:      oldSQLite,
	},
	{
		Key:      "24-hours",
		Contract: "24:00 becomes 00:00 of the next day.",
		Instead:  "It stays 24:00.",
		Why:      oldSQLite,
	},
	{
		Key:      "subsec-rounding",
		Contract: "A fraction of a millisecond is truncated.",
		Instead:  "It is rounded, possibly up to the next second.",
		Why:      oldSQLite,
	},
	{
		Key:      "only-file",
		Contract: "SQL has the newest functions: trunc, mod, pow, log2, if, iif with 2 or more arguments, unistr, json_pretty.",
		Instead:  "These functions are errors.",
		Why:      oldSQLite,
	},
	{
		Key:      "only-server",
		Contract: "SQL has SQLite's own functions and no others.",
		Instead:  "SQL also has vectors, uuid, median, stdev, reverse, padl and more.",
		Why:      "The server has extensions.",
	},
}
