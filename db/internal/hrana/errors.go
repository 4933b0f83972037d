package hrana

import (
	"strings"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/hrana/transport"
	"github.com/duolite/duolite/db/internal/hrana/wire"
)

// Codes of sqld that decide how to go on. The specification doesn't list them; sqld defines them in
// libsql-server/src/hrana.
const (
	codeTooLarge  = "RESPONSE_TOO_LARGE"
	codeInput     = "SQL_INPUT_ERROR"
	codeTxTimeout = "TRANSACTION_TIMEOUT"
)

// codes maps the server's error codes to SQLite's result codes.
var codes = map[string]int{
	"SQLITE_BUSY":     engine.CodeBusy,
	"SQLITE_LOCKED":   engine.CodeLocked,
	"SQLITE_NOMEM":    engine.CodeNoMemory,
	"SQLITE_READONLY": engine.CodeReadOnly,
	// Another transaction waited 5 s for the lock, and the server gave it the lock.
	codeTxTimeout:       engine.CodeBusy,
	"TRANSACTION_BUSY":  engine.CodeBusy,
	"SQLITE_INTERRUPT":  engine.CodeInterrupt,
	"SQLITE_IOERR":      engine.CodeIO,
	"SQLITE_CORRUPT":    engine.CodeCorrupt,
	"SQLITE_FULL":       engine.CodeFull,
	"SQLITE_CANTOPEN":   engine.CodeCantOpen,
	"SQLITE_TOOBIG":     engine.CodeTooBig,
	codeTooLarge:        engine.CodeTooBig,
	"SQLITE_CONSTRAINT": engine.CodeConstraint,
	// Newer servers send extended codes.
	"SQLITE_CONSTRAINT_UNIQUE":     engine.CodeUnique,
	"SQLITE_CONSTRAINT_PRIMARYKEY": engine.CodePrimaryKey,
	"SQLITE_CONSTRAINT_ROWID":      engine.CodeRowID,
	"SQLITE_CONSTRAINT_FOREIGNKEY": engine.CodeForeignKey,
	"SQLITE_CONSTRAINT_NOTNULL":    engine.CodeNotNull,
	"SQLITE_CONSTRAINT_CHECK":      engine.CodeCheck,
	"SQLITE_CONSTRAINT_TRIGGER":    engine.CodeTrigger,
	"SQLITE_CONSTRAINT_DATATYPE":   engine.CodeDatatype,
	"SQLITE_MISMATCH":              engine.CodeMismatch,
	"SQLITE_AUTH":                  engine.CodeAuth,
	"SQLITE_RANGE":                 engine.CodeRange,
	"ARGS_INVALID":                 engine.CodeRange,
	"SQLITE_NOTADB":                engine.CodeNotADB,

	"SQLITE_UNKNOWN":      engine.CodeError,
	"SQLITE_ERROR":        engine.CodeError,
	codeInput:             engine.CodeError,
	"SQL_PARSE_ERROR":     engine.CodeError,
	"SQL_NO_STATEMENT":    engine.CodeError,
	"SQL_MANY_STATEMENTS": engine.CodeError,
}

// texts maps messages of SQLite to result codes. Servers send them without a code if the error arose
// while binding arguments, or on the primary of a replica.
var texts = map[string]int{
	"string or blob too big":               engine.CodeTooBig,
	"database is locked":                   engine.CodeBusy,
	"attempt to write a readonly database": engine.CodeReadOnly,
	"database or disk is full":             engine.CodeFull,
	"database disk image is malformed":     engine.CodeCorrupt,
	"file is not a database":               engine.CodeNotADB,
}

// prefixes are the texts that servers put before SQLite's message.
var prefixes = []string{
	"SQLite error: ",
	"SQLite input error: ",
	"SQL input error: ",
	"Arguments do not match SQL parameters: ",
}

// convert converts an error of a statement to an *engine.Error, without the token of the key.
func convert(e *wire.Error, key *transport.Key) *engine.Error {
	message := e.Message
	for _, prefix := range prefixes {
		if rest, found := strings.CutPrefix(message, prefix); found {
			message = rest
			break
		}
	}
	if at := strings.LastIndex(message, " (at offset "); at >= 0 && e.Code == codeInput && strings.HasSuffix(message, ")") {
		message = message[:at]
	}
	message = key.Clean(message)
	code := codeOf(e.Code, message)
	return &engine.Error{Kind: engine.KindOf(code, message), Code: code, Message: message}
}

// codeOf returns SQLite's result code for the server's code, or for the message if the server's
// code is unknown or too general.
func codeOf(name, message string) int {
	code := codes[name]
	// The name of an extended code begins with the name of the code: SQLITE_BUSY_SNAPSHOT.
	for code == 0 && strings.Count(name, "_") > 1 {
		name = name[:strings.LastIndexByte(name, '_')]
		code = codes[name]
	}
	switch code {
	case engine.CodeConstraint:
		return engine.ConstraintCode(message)
	case 0:
		// The server isn't sqld, or it is a replica that returns an error of its primary.
		if found := engine.ConstraintCode(message); found != engine.CodeTrigger {
			return found
		}
	}
	if found, ok := texts[message]; ok {
		return found
	}
	return code
}
