package wire

// result reads a result, which has an error or a response.
func (s *scanner) result() (Result, error) {
	var r Result
	var kind string
	var has bool
	err := s.object(func(key []byte) (err error) {
		switch string(key) {
		case "type":
			kind, err = s.word()
		case "error":
			r.Err, err = s.replyError()
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
	case kind == "ok" && has && r.Err == nil, kind == "error" && r.Err != nil && !has:
		return r, nil
	default:
		return r, ErrSyntax
	}
}

// replyError reads an error, or null.
func (s *scanner) replyError() (*Error, error) {
	if s.literal("null") {
		return nil, nil
	}
	e := &Error{}
	return e, s.object(func(key []byte) error { return e.field(s, key) })
}

// response reads a response, whose type may follow the other fields.
func (s *scanner) response(r *Result) error {
	var hasAutocommit bool
	var found resultFields
	err := s.object(func(key []byte) (err error) {
		switch string(key) {
		case "type":
			r.kind, err = s.word()
		case "result":
			err = s.resultFields(&found)
		case "is_autocommit":
			hasAutocommit = true
			r.Autocommit, err = s.bool()
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

// resultFields are the fields of the results of all kinds.
type resultFields struct {
	present     bool
	statement   *StatementResult
	results     []*StatementResult
	errors      []*Error
	readOnly    bool
	hasReadOnly bool
}

// fill moves the fields that belong to the response's type to r.
func (f *resultFields) fill(r *Result, hasAutocommit bool) error {
	ok := true
	if f.present {
		r.Index = f.statement.Index
	}
	switch r.kind {
	case "execute":
		ok = f.present
		r.Statement = f.statement
	case "batch":
		ok = f.present && len(f.results) == len(f.errors)
		if ok {
			r.Steps = make([]StepResult, len(f.results))
			for i := range r.Steps {
				r.Steps[i] = StepResult{f.results[i], f.errors[i]}
			}
		}
	case "describe":
		ok = f.hasReadOnly
		r.ReadOnly = f.readOnly
	case "get_autocommit":
		ok = hasAutocommit
	}
	if !ok {
		return ErrSyntax
	}
	return nil
}

// resultFields reads the result of a response of unknown type.
func (s *scanner) resultFields(f *resultFields) error {
	f.present = true
	f.statement = &StatementResult{data: s.data}
	build := rowBuilder{result: f.statement, width: -1}
	err := s.object(func(key []byte) (err error) {
		switch string(key) {
		case "step_results":
			f.results, err = list(s, s.statementResult)
		case "step_errors":
			f.errors, err = list(s, s.replyError)
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

// list reads the results or the errors of a batch's steps.
func list[T any](s *scanner, read func() (*T, error)) ([]*T, error) {
	var found []*T
	err := s.array(func() error {
		if len(found) > maxSteps {
			return ErrSyntax
		}
		one, err := read()
		found = append(found, one)
		return err
	})
	return found, err
}
