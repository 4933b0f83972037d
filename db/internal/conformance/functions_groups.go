package conformance

const oldSQLite = "The server's SQLite is older."

// functionGroups are the differences of functions. Their cases are in functions.txt.
var functionGroups = []Difference{
	{
		Key:      "log",
		Contract: "log(x) is to the base 10, log(b, x) to the base b.",
		Instead:  "log(x) is the natural logarithm, and there is no log(b, x). (ln, log10 and exp are the same everywhere.)",
		Why:      "The server has an older extension under this name.",
	},
	{
		Key:      "ceil",
		Contract: "ceil, ceiling and floor of a REAL are a REAL: ceil(1.5) / 4 is 0.5.",
		Instead:  "They are an INTEGER: ceil(1.5) / 4 is 0, and ceil(1e30) the largest negative one. (CAST(ceil(x) AS INTEGER) and AS REAL are the same everywhere, for what an INTEGER can hold.)",
		Why:      "The server has an older extension under these names.",
	},
	{
		Key:      "math-errors",
		Contract: "A function of mathematics is NULL for a text that is no number, and where it has no value; what is too large is infinite.",
		Instead:  "It is the one of 0 for such a text, and otherwise an error.",
		Why:      "The server has an older extension under these names.",
	},
	{
		Key:      "real-as-text",
		Contract: "A REAL as text, by CAST, ||, format('%s'), quote or JSON, has up to 17 digits, and reads as the same number again.",
		Instead:  "By CAST, || and format it has 15 digits: CAST(0.1 + 0.2 AS TEXT) is 0.3.",
		Why:      oldSQLite,
	},
	{
		Key:      "format",
		Contract: "format knows %j and %J, and %.0f rounds, halves away from 0.",
		Instead:  "A format with %j or %J is NULL, and %.0f cuts off: that of 3.7 is 3. (format('%d', round(x)) is the same everywhere.)",
		Why:      oldSQLite,
	},
	{
		Key:      "like-blob",
		Contract: "LIKE and GLOB are false for a BLOB, and REGEXP is no operator.",
		Instead:  "LIKE and GLOB take a BLOB for text, and REGEXP is an operator.",
		Why:      "SQLite is compiled with other options.",
	},
	{
		Key:      "json-arrow",
		Contract: "A negative number on the right of -> and ->> counts from an array's end, and a text of digits is a name.",
		Instead:  "A negative number finds nothing, and a text of digits is an index. (The paths '$[#-1]', '$[1]' and '$.\"1\"' are the same everywhere.)",
		Why:      oldSQLite,
	},
	{
		Key:      "json-control",
		Contract: "Control characters in a string of JSON are read, as in JSON5.",
		Instead:  "Such JSON is malformed.",
		Why:      oldSQLite,
	},
	{
		Key:      "json-null-key",
		Contract: "json_group_object leaves out a name that is NULL.",
		Instead:  "What it returns then is no JSON.",
		Why:      oldSQLite,
	},
	{
		Key:      "concat-ws",
		Contract: "concat_ws has its separator around empty texts as well.",
		Instead:  "It leaves out empty texts, with their separators.",
		Why:      oldSQLite,
	},
	{
		Key:      "date-modifiers",
		Contract: "The modifiers 'floor' and 'ceiling' say what a month without the day becomes.",
		Instead:  "A date with one is NULL.",
		Why:      oldSQLite,
	},
	{
		Key:      "strftime",
		Contract: "strftime knows %G, %g, %V and %U.",
		Instead:  "It is NULL with one of them. (%Y, %W, %j, %w and %u are the same everywhere.)",
		Why:      oldSQLite,
	},
	{
		Key:      "24-hours",
		Contract: "24:00 is the next day's 00:00.",
		Instead:  "It stays 24:00.",
		Why:      oldSQLite,
	},
	{
		Key:      "subsec-rounding",
		Contract: "What is finer than a millisecond is cut off.",
		Instead:  "It is rounded, also up to the next second.",
		Why:      oldSQLite,
	},
	{
		Key:      "only-file",
		Contract: "The newest functions and forms are there: trunc, mod, pow, log2, if, iif with 2 or more arguments, unistr, json_pretty.",
		Instead:  "They are errors.",
		Why:      oldSQLite,
	},
	{
		Key:      "only-server",
		Contract: "There are SQLite's own functions, and no others.",
		Instead:  "There are vectors, uuid, median, stdev, reverse, padl and more.",
		Why:      "The server has extensions.",
	},
}
