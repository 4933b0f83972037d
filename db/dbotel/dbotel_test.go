package dbotel_test

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbotel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
)

func TestTracer(t *testing.T) {
	spans, reader := tracetest.NewSpanRecorder(), metric.NewManualReader()
	provider := trace.NewTracerProvider(trace.WithSpanProcessor(spans))
	tracer, err := dbotel.New(dbotel.Config{
		TracerProvider: provider,
		MeterProvider:  metric.NewMeterProvider(metric.WithReader(reader)),
	})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "app.db")
	pool, err := db.Open(t.Context(), path, db.WithTracer(tracer))
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	ctx, parent := provider.Tracer("test").Start(t.Context(), "request")
	exec := func(text string, args ...any) error {
		_, err := pool.ExecContext(ctx, text, args...)
		return err
	}
	if err := exec("CREATE TABLE t (x TEXT UNIQUE)"); err != nil {
		t.Fatal(err)
	}
	if err := exec("-- name: Add :exec\nINSERT INTO t VALUES (?)", "secret"); err != nil {
		t.Fatal(err)
	}
	if err := exec("-- name: Add :exec\nINSERT INTO t VALUES (?)", "secret"); err == nil {
		t.Fatal("a duplicate was stored")
	}
	if err := pool.QueryRowContext(ctx, "-- name: Count :one\nSELECT count(*) FROM t").Scan(new(int)); err != nil {
		t.Fatal(err)
	}
	if err := db.InTx(ctx, pool, func(*sql.Tx) error { return nil }); err != nil {
		t.Fatal(err)
	}
	parent.End()

	var got []string
	for _, span := range spans.Ended() {
		line := span.Name() + " " + span.SpanKind().String()
		if span.Parent().SpanID() == parent.SpanContext().SpanID() {
			line += " child"
		}
		for _, a := range span.Attributes() {
			if strings.Contains(a.Value.String(), "secret") {
				t.Errorf("%s has the argument in %s", span.Name(), a.Key)
			}
			switch a.Key {
			case "error.type", "db.response.returned_rows", "duolite.affected_rows", "db.response.status_code", "duolite.committed":
				line += fmt.Sprintf(" %s=%v", a.Key, a.Value.AsInterface())
			}
		}
		got = append(got, line)
	}
	want := []string{
		"connect client", "ping client",
		"exec client child",
		"Add client child duolite.affected_rows=1",
		"Add client child error.type=unique constraint failed db.response.status_code=2067",
		"Count client child db.response.returned_rows=1",
		"commit client child", "transaction internal child duolite.committed=true",
		"request internal",
	}
	if !slices.Equal(got, want) {
		t.Errorf("the spans are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	add := spans.Ended()[3]
	for _, want := range []attribute.KeyValue{
		attribute.String("db.system.name", "sqlite"),
		attribute.String("db.namespace", path),
		attribute.String("db.query.summary", "Add"),
		attribute.String("db.query.text", "-- name: Add :exec\nINSERT INTO t VALUES (?)"),
	} {
		if !slices.Contains(add.Attributes(), want) {
			t.Errorf("the span's attributes %v have no %v", add.Attributes(), want)
		}
	}
	if n := recorded(t, reader, "Add"); n != 2 {
		t.Errorf("%d durations of Add, want 2", n)
	}
}

// recorded returns the number of durations that were recorded for a query.
func recorded(t *testing.T, reader *metric.ManualReader, name string) (n uint64) {
	t.Helper()
	var all metricdata.ResourceMetrics
	if err := reader.Collect(context.Background(), &all); err != nil {
		t.Fatal(err)
	}
	for _, scope := range all.ScopeMetrics {
		for _, m := range scope.Metrics {
			for _, point := range m.Data.(metricdata.Histogram[float64]).DataPoints {
				if v, _ := point.Attributes.Value("db.query.summary"); v.AsString() == name {
					n += point.Count
				}
			}
		}
	}
	return n
}

// TestServer names the server's host and port.
func TestServer(t *testing.T) {
	spans := tracetest.NewSpanRecorder()
	tracer, err := dbotel.New(dbotel.Config{TracerProvider: trace.NewTracerProvider(trace.WithSpanProcessor(spans))})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Open(t.Context(), "http://127.0.0.1:1?authToken=secret", db.WithTracer(tracer)); err == nil {
		t.Fatal("a server answers at port 1")
	}
	ended := spans.Ended()
	last := ended[len(ended)-1]
	for _, want := range []attribute.KeyValue{attribute.String("server.address", "127.0.0.1"), attribute.Int("server.port", 1)} {
		if !slices.Contains(last.Attributes(), want) {
			t.Errorf("the attributes are %v, want %v", last.Attributes(), want)
		}
	}
}
