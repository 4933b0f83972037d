package hrana

import (
	"database/sql/driver"
	"encoding/base64"
	"strconv"

	"github.com/duolite/duolite/db/internal/engine"
)

const (
	// maxResults and maxColumns bound what a reply can make us set aside for each
	// byte of it. We send fewer requests, and SQLite has no more columns.
	// https://sqlite.org/limits.html#max_column
	maxResults = 16
	maxColumns = 32767
)

// A reply is the answer to a [request].
type reply struct {
	stream  streamState
	results []result
}

// A streamState is what a reply says of the stream.
type streamState struct {
	baton   string // "" if the server has closed it
	baseURL string // "" if it doesn't say
}

// A result is the answer to one request of a pipeline.
type result struct {
	kind string
	err  *replyError
	// statement is that of an execute.
	statement *statementResult
	// steps are those of a batch.
	steps []stepResult
	// autocommit is that of a get_autocommit, readOnly that of a describe.
	autocommit, readOnly bool
}

// A stepResult has neither if the step was skipped.
type stepResult struct {
	statement *statementResult
	err       *replyError
}

// A replyError is an error as the server tells it.
type replyError struct {
	message, code string
}

// A statementResult is what a statement gave. Its values are read when they are asked
// for, out of the reply.
type statementResult struct {
	data     []byte // the reply
	columns  []engine.Column
	values   []value
	rows     int
	affected int64
	lastID   int64
	hasID    bool
}

// A value is where a value is in the reply.
type value struct {
	text span
	kind byte // one of the kind… constants
}

const (
	kindNone byte = iota
	kindNull
	kindInteger
	kindFloat
	kindInfinite
	kindText
	kindBlob
)

// decodeReply reads the answer of v3/pipeline, which has as many results as requested.
// https://github.com/tursodatabase/libsql/blob/main/docs/HRANA_3_SPEC.md#execute-a-pipeline-of-requests-json
func decodeReply(data []byte, want int) (*reply, error) {
	s := &scanner{data: data}
	r := &reply{results: make([]result, 0, want)}
	err := s.object(func(key []byte) error {
		if string(key) == "results" {
			return s.array(func() error {
				if len(r.results) == maxResults {
					return errSyntax
				}
				one, err := s.result()
				r.results = append(r.results, one)
				return err
			})
		}
		return r.stream.field(s, key)
	})
	if err != nil {
		return nil, err
	}
	if err := s.end(); err != nil {
		return nil, err
	}
	if len(r.results) != want {
		return nil, errSyntax
	}
	return r, nil
}

// field reads a field of a reply, or skips it.
func (state *streamState) field(s *scanner, key []byte) (err error) {
	switch string(key) {
	case "baton":
		state.baton, err = s.optional()
	case "base_url":
		state.baseURL, err = s.optional()
	default:
		err = s.skip()
	}
	return err
}

// optional reads a string or null.
func (s *scanner) optional() (string, error) {
	if s.literal("null") {
		return "", nil
	}
	found, err := s.text()
	if err != nil {
		return "", err
	}
	return s.string(found)
}

// result reads one of the results, which has an error or a response.
func (s *scanner) result() (result, error) {
	var r result
	var kind string
	var has bool
	err := s.object(func(key []byte) (err error) {
		switch string(key) {
		case "type":
			kind, err = s.optional()
		case "error":
			r.err, err = s.replyError()
		case "response":
			has = true
			err = s.response(&r)
		default:
			err = s.skip()
		}
		return err
	})
	switch {
	case err != nil:
		return r, err
	case kind == "ok" && has && r.err == nil, kind == "error" && r.err != nil && !has:
		return r, nil
	default:
		return r, errSyntax
	}
}

// replyError reads an error, or null.
func (s *scanner) replyError() (*replyError, error) {
	if s.literal("null") {
		return nil, nil
	}
	e := &replyError{}
	err := s.object(func(key []byte) (err error) {
		switch string(key) {
		case "message":
			e.message, err = s.optional()
		case "code":
			e.code, err = s.optional()
		default:
			err = s.skip()
		}
		return err
	})
	return e, err
}

// response reads a response: its fields may come before its type.
func (s *scanner) response(r *result) error {
	var hasAutocommit bool
	var found resultFields
	err := s.object(func(key []byte) (err error) {
		switch string(key) {
		case "type":
			r.kind, err = s.optional()
		case "result":
			err = s.resultFields(&found)
		case "is_autocommit":
			hasAutocommit = true
			r.autocommit, err = s.bool()
		default:
			err = s.skip()
		}
		return err
	})
	if err != nil {
		return err
	}
	return found.fill(r, hasAutocommit)
}

// resultFields are the fields of a response's result, whichever of the kinds it is.
type resultFields struct {
	present     bool
	statement   *statementResult
	results     []*statementResult
	errors      []*replyError
	readOnly    bool
	hasReadOnly bool
}

// fill makes of the fields what the response's type says.
func (f *resultFields) fill(r *result, hasAutocommit bool) error {
	ok := true
	switch r.kind {
	case "execute":
		ok = f.present
		r.statement = f.statement
	case "batch":
		ok = f.present && len(f.results) == len(f.errors)
		if ok {
			r.steps = make([]stepResult, len(f.results))
			for i := range r.steps {
				r.steps[i] = stepResult{f.results[i], f.errors[i]}
			}
		}
	case "describe":
		ok = f.hasReadOnly
		r.readOnly = f.readOnly
	case "get_autocommit":
		ok = hasAutocommit
	}
	if !ok {
		return errSyntax
	}
	return nil
}

func (s *scanner) resultFields(f *resultFields) error {
	f.present = true
	f.statement = &statementResult{data: s.data}
	build := rowBuilder{result: f.statement, width: -1}
	err := s.object(func(key []byte) (err error) {
		switch string(key) {
		case "step_results":
			f.results, err = list(s, (*scanner).statementResult)
		case "step_errors":
			f.errors, err = list(s, (*scanner).replyError)
		case "is_readonly":
			f.hasReadOnly = true
			f.readOnly, err = s.bool()
		default:
			err = build.field(s, key)
		}
		return err
	})
	if err != nil {
		return err
	}
	return build.finish()
}

// list reads the results or errors of a batch's steps.
func list[T any](s *scanner, read func(*scanner) (*T, error)) ([]*T, error) {
	var found []*T
	err := s.array(func() error {
		if len(found) > maxSteps {
			return errSyntax
		}
		one, err := read(s)
		found = append(found, one)
		return err
	})
	return found, err
}

// statementResult reads one, or null.
func (s *scanner) statementResult() (*statementResult, error) {
	if s.literal("null") {
		return nil, nil
	}
	r := &statementResult{data: s.data}
	build := rowBuilder{result: r, width: -1}
	if err := s.object(func(key []byte) error { return build.field(s, key) }); err != nil {
		return nil, err
	}
	return r, build.finish()
}

// A rowBuilder reads a statement's result, field by field.
type rowBuilder struct {
	result *statementResult
	// width is how many values the first row has, -1 if there is none: the columns
	// may come after the rows.
	width int
}

func (b *rowBuilder) field(s *scanner, key []byte) (err error) {
	r := b.result
	switch string(key) {
	case "cols":
		r.columns, err = s.columns()
	case "rows":
		err = s.array(func() error { return b.row(s) })
	case "affected_row_count":
		r.affected, err = s.count()
	case "last_insert_rowid":
		r.lastID, r.hasID, err = s.rowID()
	default:
		err = s.skip()
	}
	return err
}

// row reads a row, which is as wide as all others.
func (b *rowBuilder) row(s *scanner) error {
	before := len(b.result.values)
	err := s.array(func() error {
		v, err := s.value()
		b.result.values = append(b.result.values, v)
		return err
	})
	if err != nil {
		return err
	}
	width := len(b.result.values) - before
	if b.width < 0 {
		b.width = width
	}
	if width != b.width {
		return errSyntax
	}
	b.result.rows++
	return nil
}

func (b *rowBuilder) finish() error {
	if b.width >= 0 && b.width != len(b.result.columns) {
		return errSyntax
	}
	return nil
}

func (s *scanner) columns() ([]engine.Column, error) {
	var columns []engine.Column
	err := s.array(func() error {
		if len(columns) == maxColumns {
			return errSyntax
		}
		var c engine.Column
		err := s.object(func(key []byte) (err error) {
			switch string(key) {
			case "name":
				c.Name, err = s.optional()
			case "decltype":
				c.Declared, err = s.optional()
			default:
				err = s.skip()
			}
			return err
		})
		columns = append(columns, c)
		return err
	})
	return columns, err
}

func (s *scanner) bool() (bool, error) {
	switch {
	case s.literal("true"):
		return true, nil
	case s.literal("false"):
		return false, nil
	default:
		return false, errSyntax
	}
}

// count reads how many rows were changed.
func (s *scanner) count() (int64, error) {
	found, err := s.number()
	if err != nil {
		return 0, err
	}
	n, err := strconv.ParseInt(string(s.data[found.start:found.end]), 10, 64)
	if err != nil || n < 0 {
		return 0, errSyntax
	}
	return n, nil
}

// rowID reads a rowid, or null.
func (s *scanner) rowID() (id int64, has bool, err error) {
	if s.literal("null") {
		return 0, false, nil
	}
	found, err := s.text()
	if err != nil {
		return 0, false, err
	}
	id, err = strconv.ParseInt(string(s.data[found.start:found.end]), 10, 64)
	if err != nil {
		return 0, false, errSyntax
	}
	return id, true, nil
}

// value reads where a value is. What is in it is looked at by [value.read].
func (s *scanner) value() (value, error) {
	var kind byte
	var text value // the field that isn't the type: its kind tells how it is written
	err := s.object(func(key []byte) (err error) {
		switch string(key) {
		case "type":
			var name span
			name, err = s.text()
			kind = kindOfName(s.data[name.start:name.end])
		case "value", "base64":
			text, err = s.scalar()
		default:
			err = s.skip()
		}
		return err
	})
	if err != nil {
		return value{}, err
	}
	switch {
	case kind == kindNull,
		kind == kindInteger && text.kind == kindText,
		kind == kindFloat && text.kind == kindFloat,
		kind == kindText && text.kind == kindText,
		kind == kindBlob && text.kind == kindText:
		return value{text.text, kind}, nil
	case kind == kindFloat && text.kind == kindNull:
		// JSON has no infinity: what the server's library writes for it is null.
		return value{text.text, kindInfinite}, nil
	default:
		return value{}, errSyntax
	}
}

func kindOfName(name []byte) byte {
	switch string(name) {
	case "null":
		return kindNull
	case "integer":
		return kindInteger
	case "float":
		return kindFloat
	case "text":
		return kindText
	case "blob":
		return kindBlob
	default:
		return kindNone
	}
}

// scalar reads a string, a number or null.
func (s *scanner) scalar() (v value, err error) {
	switch {
	case s.peek() == '"':
		v.kind = kindText
		v.text, err = s.text()
	case s.literal("null"):
		v.kind = kindNull
	default:
		v.kind = kindFloat
		v.text, err = s.number()
	}
	return v, err
}

// read returns the value.
func (v value) read(data []byte) (driver.Value, error) {
	text := data[v.text.start:v.text.end]
	switch v.kind {
	case kindNull:
		return nil, nil
	case kindInteger:
		n, err := strconv.ParseInt(string(text), 10, 64)
		if err != nil {
			return nil, notServer(errSyntax)
		}
		return n, nil
	case kindFloat:
		f, err := strconv.ParseFloat(string(text), 64)
		if err != nil {
			return nil, notServer(errSyntax)
		}
		return f, nil
	case kindInfinite:
		return nil, &engine.Error{Message: "a value of the result is an infinite float, which a server can't send"}
	case kindText:
		s, err := unquote(text, v.text.escaped)
		if err != nil {
			return nil, notServer(err)
		}
		return s, nil
	default:
		return v.readBlob(text)
	}
}

// readBlob reads base64, with padding or without.
func (v value) readBlob(text []byte) (driver.Value, error) {
	if v.text.escaped { // a slash may be
		s, err := unquote(text, true)
		if err != nil {
			return nil, notServer(err)
		}
		text = []byte(s)
	}
	for len(text) > 0 && text[len(text)-1] == '=' {
		text = text[:len(text)-1]
	}
	blob := make([]byte, 0, base64.RawStdEncoding.DecodedLen(len(text)))
	blob, err := base64.RawStdEncoding.AppendDecode(blob, text)
	if err != nil {
		return nil, notServer(errSyntax)
	}
	return blob, nil
}
