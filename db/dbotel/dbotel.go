// Package dbotel has a [dbtrace.Tracer] for OpenTelemetry. It makes a span for each call of a pool, and
// records the durations of statements:
//
//	tracer, err := dbotel.New(dbotel.Config{})
//	if err != nil {
//		return err
//	}
//	pool, err := db.Open(ctx, url, db.WithTracer(tracer))
//
// Names and attributes follow the semantic conventions for databases. A span has the name of sqlc's query,
// and a query without a name is called by its kind, such as "query".
// https://opentelemetry.io/docs/specs/semconv/database/database-spans/
package dbotel

import (
	"context"
	"errors"
	"net"
	"net/url"
	"strconv"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbtrace"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"
)

// A Config says where a [Tracer] sends its data. The zero value uses OpenTelemetry's global providers.
type Config struct {
	TracerProvider trace.TracerProvider // default otel.GetTracerProvider()
	MeterProvider  metric.MeterProvider // default otel.GetMeterProvider()
	// NoText leaves the text of statements out of the spans. The text is the program's own, without the
	// arguments; literals that the program has written into it are shown.
	NoText bool
}

// A Tracer makes spans and records durations:
//
//	span      of each call; statements in a transaction are beside its span, in the span of their context
//	duration  db.client.operation.duration, in seconds, of Query, Exec and Batch
//
// The attributes are:
//
//	db.system.name              sqlite, also for a libSQL server
//	db.namespace                the path of a file
//	server.address, server.port of a server
//	db.query.summary            the query's name
//	db.query.text
//	db.operation.batch.size     the statements of a batch
//	db.response.returned_rows   the rows that a query read
//	db.response.status_code     SQLite's result code of an error
//	error.type                  the kind of an error, one of the texts of package db, or _OTHER
//	duolite.affected_rows       the rows that Exec or a batch changed
//	duolite.requests            to the server
//	duolite.repeats             the requests that were sent again
//	duolite.waited              seconds that writes waited
//	duolite.committed           of a transaction
type Tracer struct {
	tracer   trace.Tracer
	duration metric.Float64Histogram
	noText   bool
}

var _ dbtrace.Tracer = (*Tracer)(nil)

const scope = "github.com/duolite/duolite/db/dbotel"

// New returns a tracer. The error is the MeterProvider's.
func New(cfg Config) (*Tracer, error) {
	if cfg.TracerProvider == nil {
		cfg.TracerProvider = otel.GetTracerProvider()
	}
	if cfg.MeterProvider == nil {
		cfg.MeterProvider = otel.GetMeterProvider()
	}
	duration, err := cfg.MeterProvider.Meter(scope).Float64Histogram("db.client.operation.duration",
		metric.WithUnit("s"), metric.WithDescription("Duration of database client operations."),
		metric.WithExplicitBucketBoundaries(0.00001, 0.0001, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10))
	if err != nil {
		return nil, err
	}
	return &Tracer{cfg.TracerProvider.Tracer(scope), duration, cfg.NoText}, nil
}

// Start implements [dbtrace.Tracer].
func (t *Tracer) Start(ctx context.Context, call *dbtrace.Call) context.Context {
	ctx, _ = t.tracer.Start(ctx, nameOf(call), trace.WithSpanKind(kindOf(call.Op)), trace.WithTimestamp(call.Start))
	return ctx
}

func nameOf(call *dbtrace.Call) string {
	if call.Name != "" {
		return call.Name
	}
	return call.Op.String()
}

// kindOf returns the kind of a span. A transaction is no call to the database itself.
func kindOf(op dbtrace.Op) trace.SpanKind {
	if op == dbtrace.Transaction {
		return trace.SpanKindInternal
	}
	return trace.SpanKindClient
}

// End implements [dbtrace.Tracer].
func (t *Tracer) End(ctx context.Context, call *dbtrace.Call) {
	failure := failureOf(call.Err)
	name := nameOf(call)
	if call.Statements > 0 {
		labels := append([]attribute.KeyValue{system, attribute.String("db.query.summary", name)}, failure...)
		t.duration.Record(ctx, call.Duration.Seconds(), metric.WithAttributes(labels...))
	}
	span := trace.SpanFromContext(ctx)
	if span.IsRecording() {
		span.SetAttributes(t.attributes(call)...)
		span.SetAttributes(failure...)
		if call.Err != nil {
			span.SetStatus(codes.Error, call.Err.Error())
		}
	}
	span.End(trace.WithTimestamp(call.Start.Add(call.Duration)))
}

var system = attribute.String("db.system.name", "sqlite")

func (t *Tracer) attributes(call *dbtrace.Call) []attribute.KeyValue {
	attributes := append(placeOf(call.Database), system)
	add := func(key string, n int64) {
		if n != 0 {
			attributes = append(attributes, attribute.Int64(key, n))
		}
	}
	if call.Name != "" {
		attributes = append(attributes, attribute.String("db.query.summary", call.Name))
	}
	if call.Text != "" && !t.noText {
		attributes = append(attributes, attribute.String("db.query.text", call.Text))
	}
	switch call.Op {
	case dbtrace.Query:
		attributes = append(attributes, attribute.Int64("db.response.returned_rows", call.Rows))
	case dbtrace.Exec:
		add("duolite.affected_rows", call.Rows)
	case dbtrace.Batch:
		add("duolite.affected_rows", call.Rows)
		add("db.operation.batch.size", int64(call.Statements))
	case dbtrace.Transaction:
		attributes = append(attributes, attribute.Bool("duolite.committed", call.Committed))
	}
	add("duolite.requests", call.Requests)
	add("duolite.repeats", call.Repeats)
	if call.Waited != 0 {
		attributes = append(attributes, attribute.Float64("duolite.waited", call.Waited.Seconds()))
	}
	return attributes
}

// placeOf returns the attributes of the database's URL.
func placeOf(database string) []attribute.KeyValue {
	u, err := url.Parse(database)
	if err != nil || u.Host == "" {
		return []attribute.KeyValue{attribute.String("db.namespace", database)}
	}
	place := []attribute.KeyValue{attribute.String("server.address", u.Hostname())}
	if _, port, err := net.SplitHostPort(u.Host); err == nil {
		if n, err := strconv.Atoi(port); err == nil {
			place = append(place, attribute.Int("server.port", n))
		}
	}
	return place
}

// failureOf returns the attributes of an error, which have few different values.
func failureOf(err error) []attribute.KeyValue {
	if err == nil {
		return nil
	}
	kind := "_OTHER"
	var e *db.Error
	switch {
	case errors.Is(err, context.Canceled):
		kind = "canceled"
	case errors.Is(err, context.DeadlineExceeded):
		kind = "timeout"
	case errors.As(err, &e) && e.Kind != nil:
		kind = e.Kind.Error()
	}
	failure := []attribute.KeyValue{attribute.String("error.type", kind)}
	if e != nil && e.Code != 0 {
		failure = append(failure, attribute.String("db.response.status_code", strconv.Itoa(e.Code)))
	}
	return failure
}
