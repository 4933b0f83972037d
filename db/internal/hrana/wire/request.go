// Package wire encodes requests and decodes replies of the Hrana protocol, version 3, in JSON and in
// protobuf.
// https://github.com/tursodatabase/libsql/blob/main/docs/HRANA_3_SPEC.md
//
// It does no input or output: it converts between Go values and the bytes of one message. It
// accepts any bytes as a reply, and decodes them in time and memory that are proportional to
// their length.
package wire

import "database/sql/driver"

// A Request is the body of one HTTP request: at most one statement or batch, and questions
// about the stream.
type Request struct {
	// Steps are the statements. Without Batch there is at most one, which is sent as an
	// execute request.
	Steps []Step
	// Batch sends the steps as a batch.
	Batch bool
	// Index is the replication index that the database must have reached before the steps run, or
	// 0. Only a replica waits for it, without a time limit.
	Index uint64
	// WantIndex asks for the replication index after the steps. Without it the reply to a batch may
	// have none.
	WantIndex bool
	// Describe is a statement to describe; "" asks for no description.
	Describe string
	// Autocommit asks, after the steps, whether the stream is outside of a transaction.
	Autocommit bool
	// Close closes the stream at the end.
	Close bool

	// stored are the texts that the request, in protobuf, sends once for several steps.
	stored []string
}

// A Step is a statement with its arguments and its condition.
type Step struct {
	SQL  string
	Args []driver.Value
	// Names holds the parameter name of each argument. Nil sends the arguments by position.
	Names []string
	// Rows asks for the rows. Without it the server drops them.
	Rows bool
	// When is the condition for running the step; outside of a batch it has no effect.
	When Condition
}

// A Condition decides whether the server runs a step of a batch. The server skips a step whose
// condition is false.
// https://github.com/tursodatabase/libsql/blob/main/docs/HRANA_3_SPEC.md#conditions
type Condition int

// The conditions. AfterOK and InTransaction can be combined with |.
const (
	// Always runs the step.
	Always Condition = 0
	// AfterOK runs the step if the previous step succeeded.
	AfterOK Condition = 1
	// InTransaction runs the step if a transaction is open.
	InTransaction Condition = 2
	// Never skips the step. The server still parses it.
	Never Condition = 4
)

// results returns the number of results in the reply.
func (q *Request) results() int {
	n := 0
	for _, asked := range []bool{len(q.Steps) > 0, q.Describe != "", q.Autocommit, q.Close} {
		if asked {
			n++
		}
	}
	return n
}

// Size estimates the bytes that the steps take in the body.
func (q *Request) Size() int {
	n := 0
	for i := range q.Steps {
		n += q.Steps[i].Size()
	}
	return n + n/8
}

// Size estimates the bytes that the step takes in the body.
func (s *Step) Size() int {
	n := 64 + len(s.SQL)
	for i, arg := range s.Args {
		n += 40
		if s.Names != nil {
			n += 20 + len(s.Names[i])
		}
		switch arg := arg.(type) {
		case string:
			n += len(arg)
		case []byte:
			n += len(arg) * 4 / 3
		}
	}
	return n
}
