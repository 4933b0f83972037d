package dbtrace

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"time"
)

// A Logger is a [Tracer] that writes a record to a log at the end of each call:
//
//	level=DEBUG msg=query name=GetBook duration=31µs rows=1
//	level=WARN msg="slow query" name=ListBooks duration=212ms rows=5000 sql="SELECT …" plan="SCAN books"
//
// The zero value writes to [slog.Default]. Don't copy a Logger, and don't change its fields while it is in
// use. The message is the call's Op. The attributes are its fields, as far as they aren't zero:
//
//	name, duration, rows, statements, requests, repeats, waited, committed, args, error
//	sql       of slow and failed calls, and of calls without a name; at most 2,000 bytes
//	plan      of a slow call, once for each text
//	database  of Connect and Close
type Logger struct {
	// Log receives the records. The default is slog.Default().
	Log *slog.Logger
	// Level is the level of calls that are neither slow nor failed. The default is slog.LevelInfo, the
	// zero of [slog.Level]; most programs want slog.LevelDebug.
	Level slog.Level
	// Slow is the duration from which a statement or a batch is slow. Slow calls have the level
	// slog.LevelWarn. So have failed calls, unless their context has ended. The default, 0, means that
	// no call is slow.
	Slow time.Duration
	// NoPlan leaves the plan out. Making a plan takes about as long as a small query on a file, and a
	// request on a server.
	NoPlan bool

	mu      sync.Mutex
	planned map[string]bool // the texts whose plan was made
}

const (
	// maxPlanned limits the texts that a Logger remembers.
	maxPlanned = 1000
	// maxText limits the text of a record, in bytes.
	maxText = 2000
)

var _ Tracer = (*Logger)(nil)

// Start implements [Tracer].
func (l *Logger) Start(ctx context.Context, _ *Call) context.Context { return ctx }

// End implements [Tracer].
func (l *Logger) End(ctx context.Context, call *Call) {
	slow := l.Slow > 0 && call.Duration >= l.Slow && call.Statements > 0
	failed := call.Err != nil && (ctx.Err() == nil || !errors.Is(call.Err, ctx.Err()))
	level, message := l.Level, call.Op.String()
	if slow || failed {
		level = max(level, slog.LevelWarn)
	}
	if slow {
		message = "slow " + message
	}
	log := l.Log
	if log == nil {
		log = slog.Default()
	}
	if !log.Enabled(ctx, level) {
		return
	}
	attrs := attributes(call)
	if call.Text != "" && (slow || failed || call.Name == "") {
		attrs = append(attrs, slog.String("sql", shownText(call)))
	}
	if slow && call.Err == nil && l.wantsPlan(call) {
		attrs = append(attrs, planOf(call))
	}
	log.LogAttrs(ctx, level, message, attrs...)
}

// attributes returns the fields of a call that aren't zero.
func attributes(call *Call) []slog.Attr {
	attrs := make([]slog.Attr, 0, 8)
	if call.Name != "" {
		attrs = append(attrs, slog.String("name", call.Name))
	}
	attrs = append(attrs, slog.Duration("duration", call.Duration))
	add := func(key string, n int64) {
		if n != 0 {
			attrs = append(attrs, slog.Int64(key, n))
		}
	}
	add("rows", call.Rows)
	switch call.Op {
	case Batch:
		add("statements", int64(call.Statements))
	case Transaction:
		attrs = append(attrs, slog.Bool("committed", call.Committed))
	case Connect, Close:
		attrs = append(attrs, slog.String("database", call.Database))
	}
	add("requests", call.Requests)
	add("repeats", call.Repeats)
	if call.Waited != 0 {
		attrs = append(attrs, slog.Duration("waited", call.Waited))
	}
	if call.Args != nil {
		attrs = append(attrs, slog.Any("args", call.Args))
	}
	if call.Err != nil {
		attrs = append(attrs, slog.String("error", call.Err.Error()))
	}
	return attrs
}

// shownText returns the text of a call without the comment that names it.
func shownText(call *Call) string {
	text := call.Text
	if call.Name != "" {
		_, text, _ = strings.Cut(text, "\n")
	}
	if len(text) > maxText {
		text = strings.ToValidUTF8(text[:maxText], "") + "…"
	}
	return text
}

// wantsPlan reports whether the plan of a call is to be made. It is so once for each text.
func (l *Logger) wantsPlan(call *Call) bool {
	if l.NoPlan || call.Explain == nil {
		return false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.planned[call.Text] {
		return false
	}
	if l.planned == nil || len(l.planned) >= maxPlanned {
		l.planned = make(map[string]bool)
	}
	l.planned[call.Text] = true
	return true
}

func planOf(call *Call) slog.Attr {
	lines, err := call.Explain()
	if err != nil {
		return slog.String("plan_error", err.Error())
	}
	return slog.String("plan", strings.Join(lines, "\n"))
}
