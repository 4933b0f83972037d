package hrana

import (
	"database/sql/driver"
	"encoding/base64"
	"fmt"
	"math"
	"strconv"
	"unicode/utf8"

	"github.com/duolite/duolite/db/internal/engine"
)

// A request is one call of the server: a pipeline of a statement or a batch, and
// what else is asked along with it.
type request struct {
	// steps are statements. One that isn't a batch is sent by itself.
	steps []step
	batch bool
	// describe is a text to describe, or "".
	describe string
	// autocommit asks afterwards whether a transaction is open.
	autocommit bool
	// close closes the stream at the end.
	close bool
	// ends: it ends a transaction or the stream, as it may after the pool is closed. It
	// isn't sent.
	ends bool
}

// A step is a statement and the condition that it runs under.
type step struct {
	sql  string
	args []driver.Value
	// names has the names of the arguments; without any they go by position.
	names []string
	rows  bool
	when  condition
	// star: how many columns it has depends on the schema. It isn't sent.
	star bool
}

// A condition is that of a step in a batch.
// https://github.com/tursodatabase/libsql/blob/main/docs/HRANA_3_SPEC.md#conditions
type condition int

const (
	always condition = 0
	// afterOK: the step before it succeeded.
	afterOK condition = 1
	// inTransaction: a transaction is open.
	inTransaction condition = 2
	// never: it isn't run, only read.
	never condition = 4
)

// results returns how many results the answer has.
func (q *request) results() int {
	n := 0
	for _, asked := range []bool{len(q.steps) > 0, q.describe != "", q.autocommit, q.close} {
		if asked {
			n++
		}
	}
	return n
}

// size is about how many bytes the steps take.
func (q *request) size() int {
	n := 0
	for i := range q.steps {
		n += q.steps[i].size()
	}
	return n + n/8
}

// appendPipeline appends the body of a call of v3/pipeline.
func (q *request) appendPipeline(b []byte, baton string) ([]byte, error) {
	b = appendBaton(b, baton)
	b = append(b, `"requests":[`...)
	start := len(b)
	var err error
	switch {
	case q.batch:
		b = append(b, `{"type":"batch","batch":`...)
		b, err = appendBatch(b, q.steps)
		b = append(b, `},`...)
	case len(q.steps) > 0:
		b = append(b, `{"type":"execute","stmt":`...)
		b, err = appendStatement(b, &q.steps[0], nil)
		b = append(b, `},`...)
	}
	if err != nil {
		return b, err
	}
	if q.describe != "" {
		b = append(b, `{"type":"describe","sql":`...)
		b = appendString(b, q.describe)
		b = append(b, `},`...)
	}
	if q.autocommit {
		b = append(b, `{"type":"get_autocommit"},`...)
	}
	if q.close {
		b = append(b, `{"type":"close"},`...)
	}
	if len(b) > start {
		b = b[:len(b)-1] // the last comma
	}
	return append(b, `]}`...), nil
}

// appendCursor appends the body of a call of v3/cursor.
func (q *request) appendCursor(b []byte, baton string) ([]byte, error) {
	b = appendBaton(b, baton)
	b = append(b, `"batch":`...)
	b, err := appendBatch(b, q.steps)
	return append(b, '}'), err
}

func appendBaton(b []byte, baton string) []byte {
	b = append(b, '{')
	if baton != "" {
		b = append(b, `"baton":`...)
		b = appendString(b, baton)
		b = append(b, ',')
	}
	return b
}

func appendBatch(b []byte, steps []step) ([]byte, error) {
	b = append(b, `{"steps":[`...)
	var text string
	var quoted []byte // text as JSON: many steps have that of the one before
	for i := range steps {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, '{')
		b = appendCondition(b, steps[i].when, i-1)
		b = append(b, `"stmt":`...)
		if quoted == nil || text != steps[i].sql {
			text = steps[i].sql
			quoted = appendString(quoted[:0], text)
		}
		var err error
		if b, err = appendStatement(b, &steps[i], quoted); err != nil {
			return b, err
		}
		b = append(b, '}')
	}
	return append(b, `]}`...), nil
}

func appendCondition(b []byte, when condition, before int) []byte {
	const open = `{"type":"not","cond":{"type":"is_autocommit"}}`
	switch when {
	case never:
		b = append(b, `"condition":{"type":"or","conds":[]},`...)
	case afterOK:
		b = append(b, `"condition":{"type":"ok","step":`...)
		b = strconv.AppendInt(b, int64(before), 10)
		b = append(b, `},`...)
	case inTransaction:
		b = append(b, `"condition":`+open+`,`...)
	case afterOK | inTransaction:
		b = append(b, `"condition":{"type":"and","conds":[{"type":"ok","step":`...)
		b = strconv.AppendInt(b, int64(before), 10)
		b = append(b, `},`+open+`]},`...)
	}
	return b
}

// appendStatement appends a statement. Its text may be there as JSON already.
func appendStatement(b []byte, s *step, quoted []byte) ([]byte, error) {
	b = append(b, `{"sql":`...)
	if quoted != nil {
		b = append(b, quoted...)
	} else {
		b = appendString(b, s.sql)
	}
	if len(s.args) > 0 {
		var err error
		if s.names != nil {
			b, err = appendNamed(b, s.names, s.args)
		} else {
			b, err = appendPositional(b, s.args)
		}
		if err != nil {
			return b, err
		}
	}
	if !s.rows {
		b = append(b, `,"want_rows":false`...)
	}
	return append(b, '}'), nil
}

func appendPositional(b []byte, args []driver.Value) ([]byte, error) {
	b = append(b, `,"args":[`...)
	for i, arg := range args {
		if i > 0 {
			b = append(b, ',')
		}
		var err error
		if b, err = appendValue(b, arg); err != nil {
			return b, err
		}
	}
	return append(b, ']'), nil
}

func appendNamed(b []byte, names []string, args []driver.Value) ([]byte, error) {
	b = append(b, `,"named_args":[`...)
	for i, arg := range args {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, `{"name":`...)
		b = appendString(b, names[i])
		b = append(b, `,"value":`...)
		var err error
		if b, err = appendValue(b, arg); err != nil {
			return b, err
		}
		b = append(b, '}')
	}
	return append(b, ']'), nil
}

// appendValue appends an argument. Integers are strings in the protocol, so that they
// are exact. The errors tell no value.
// https://github.com/tursodatabase/libsql/blob/main/docs/HRANA_3_SPEC.md#values
func appendValue(b []byte, arg driver.Value) ([]byte, error) {
	switch arg := arg.(type) {
	case nil:
		return append(b, `{"type":"null"}`...), nil
	case int64:
		b = append(b, `{"type":"integer","value":"`...)
		b = strconv.AppendInt(b, arg, 10)
		return append(b, `"}`...), nil
	case float64:
		if math.IsNaN(arg) || math.IsInf(arg, 0) {
			return b, &engine.Error{Message: "an argument is a float that is no number or infinite, which can't be sent to a server"}
		}
		b = append(b, `{"type":"float","value":`...)
		b = strconv.AppendFloat(b, arg, 'g', -1, 64)
		return append(b, '}'), nil
	case string:
		if !utf8.ValidString(arg) {
			return b, &engine.Error{Message: "an argument is text that isn't UTF-8, which can't be sent to a server: use a blob"}
		}
		b = append(b, `{"type":"text","value":`...)
		b = appendString(b, arg)
		return append(b, '}'), nil
	case []byte:
		if arg == nil {
			return append(b, `{"type":"null"}`...), nil
		}
		b = append(b, `{"type":"blob","base64":"`...)
		b = base64.RawStdEncoding.AppendEncode(b, arg)
		return append(b, `"}`...), nil
	default:
		return b, &engine.Error{Message: fmt.Sprintf("an argument is of the type %T, which is none of SQLite's", arg)}
	}
}

// appendString appends a JSON string.
func appendString(b []byte, s string) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	start := 0
	for i := range len(s) {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		b = append(b, s[start:i]...)
		start = i + 1
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\n':
			b = append(b, '\\', 'n')
		case '\t':
			b = append(b, '\\', 't')
		default:
			b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
	}
	b = append(b, s[start:]...)
	return append(b, '"')
}
