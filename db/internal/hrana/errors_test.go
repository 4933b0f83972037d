package hrana

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/hrana/transport"
	"github.com/duolite/duolite/db/internal/hrana/wire"
)

// TestStatus checks that a refused request drops the stream, and when its outcome is unknown.
func TestStatus(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		status  int
		body    string
		kind    error
		unknown bool
		want    string
	}{
		{503, `{"error": "Try\nlater"}`, engine.ErrUnavailable, true, "error code 503: Try later"},
		{403, `{"error":"Forbidden"}`, engine.ErrUnauthorized, false, "error code 403: Forbidden"},
		{418, "you sent " + canary, nil, false, "error code 418: you sent [token]"},
		{204, "", engine.ErrUnavailable, true, "error code 204"},
		{301, "", engine.ErrUnavailable, false, "the server redirects, which isn't followed"},
	} {
		c := newConn(t, transport.Config{Token: withToken(canary), URL: script(t, func(w http.ResponseWriter, _ *http.Request, _ int, _ string) {
			w.WriteHeader(tt.status)
			fmt.Fprint(w, tt.body)
		})})
		what := fmt.Sprintf("%d %.20q", tt.status, tt.body)
		checkErr(t, what, exec(t, c, insertOne), tt.kind, tt.unknown, tt.want)
		checkNoStream(t, what, c)
	}
}

func TestErrorCodes(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		code, message string
		kind          error
		number        int
		want          string
	}{
		{"SQLITE_CONSTRAINT", "SQLite error: UNIQUE constraint failed: t.x", engine.ErrUnique, engine.CodeUnique, "UNIQUE constraint failed: t.x"},
		{"SQLITE_CONSTRAINT_PRIMARYKEY", "SQLite error: UNIQUE constraint failed: t.x", engine.ErrUnique, engine.CodePrimaryKey, "UNIQUE constraint failed: t.x"},
		{"SQLITE_CONSTRAINT_VTAB", "x", nil, engine.CodeTrigger, "x"},
		{"SQLITE_BUSY_SNAPSHOT", "SQLite error: database is locked", engine.ErrBusy, engine.CodeBusy, "database is locked"},
		{"TRANSACTION_TIMEOUT", "Transaction timed out", engine.ErrBusy, engine.CodeBusy, "Transaction timed out"},
		{"SQL_INPUT_ERROR", "SQL input error: no such column: x (at offset 7)", nil, engine.CodeError, "no such column: x"},
		{"SQL_INPUT_ERROR", "SQLite input error: no such column: x (at offset 7)", nil, engine.CodeError, "no such column: x"},
		{"SQLITE_ERROR", "SQLite error: cannot commit - no transaction is active", nil, engine.CodeError, "cannot commit - no transaction is active"},
		{"SQLITE_UNKNOWN", "SQLite error: no such table: a (at offset 7)", nil, engine.CodeError, "no such table: a (at offset 7)"},
		{"ARGS_INVALID", "Arguments do not match SQL parameters: string or blob too big", engine.ErrTooBig, engine.CodeTooBig, "string or blob too big"},
		{"PROXY_ERROR", "database is locked", engine.ErrBusy, engine.CodeBusy, "database is locked"},
		{"", "SQLite error: FOREIGN KEY constraint failed", engine.ErrForeignKey, engine.CodeForeignKey, "FOREIGN KEY constraint failed"},
		{"", "what a RAISE says", nil, 0, "what a RAISE says"},
		{"SQLITE_READONLY", "attempt\nto write", engine.ErrReadOnly, engine.CodeReadOnly, "attempt to write"},
		{"SQLITE_FULL", "database or disk is full", engine.ErrFull, engine.CodeFull, "database or disk is full"},
		{"SQLITE_CORRUPT", "SQLite error: database disk image is malformed", engine.ErrCorrupt, engine.CodeCorrupt, "database disk image is malformed"},
		{"SQLITE_CORRUPT_VTAB", "SQLite error: database disk image is malformed", engine.ErrCorrupt, engine.CodeCorrupt, "database disk image is malformed"},
		{"PROXY_ERROR", "database disk image is malformed", engine.ErrCorrupt, engine.CodeCorrupt, "database disk image is malformed"},
		{"SQLITE_NOTADB", "SQLite error: file is not a database", engine.ErrNotADatabase, engine.CodeNotADB, "file is not a database"},
		{"SQLITE_UNKNOWN", `SQLite error: fts5: syntax error near ""`, engine.ErrBadQuery, engine.CodeError, `fts5: syntax error near ""`},
		{"SQLITE_UNKNOWN", "SQLite error: unterminated string", engine.ErrBadQuery, engine.CodeError, "unterminated string"},
		{"SQLITE_CONSTRAINT", "SQLite error: unterminated string", nil, engine.CodeTrigger, "unterminated string"}, // of a RAISE
		{"BLOCKED", "Operation was blocked: quota", nil, 0, "Operation was blocked: quota"},
	} {
		got := convert(&wire.Error{Message: tt.message, Code: tt.code}, nil)
		if got.Kind != tt.kind || got.Code != tt.number || got.Message != tt.want {
			t.Errorf("%s %q: got %v, %d, %q", tt.code, tt.message, got.Kind, got.Code, got.Message)
		}
	}
}
