package shopserver

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/duolite/duolite/db/dbtest"
	"github.com/duolite/duolite/db/dbtype"
	"github.com/duolite/duolite/examples/shop"
	"github.com/duolite/duolite/examples/shop/schema"
	"github.com/duolite/duolite/examples/shop/shopdb"
	"github.com/google/uuid"
)

// TestServer starts the server on each kind of database, uses it, and stops it.
func TestServer(t *testing.T) {
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		if strings.Contains(d.URL, ":memory:") {
			t.Skip("the test opens the database twice")
		}
		t.Setenv("TURSO_DATABASE_URL", d.URL)
		t.Setenv("TURSO_AUTH_TOKEN", d.Token)
		order := fill(t, d)

		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- Run(ctx, listener) }()
		base := "http://" + listener.Addr().String()

		want(t, http.MethodGet, base+"/healthz", nil, 200, `"ok"`)
		want(t, http.MethodGet, base+"/orders/1", nil, 200, `"items":[{"product":"Lamp","quantity":2,"price_cents":1950}]`)
		want(t, http.MethodGet, base+"/orders/2", nil, 404, "Not Found")
		want(t, http.MethodGet, base+"/orders/x", nil, 400, "the id isn't a number")
		customer := shopdb.AddCustomerParams{ID: uuid.New(), Name: "Grace", Email: "grace@example.com"}
		want(t, http.MethodPost, base+"/customers", customer, 200, `"name":"Grace"`)
		want(t, http.MethodPost, base+"/customers", customer, 409, "Conflict")
		if order != 1 {
			t.Errorf("the order has the id %d", order)
		}

		stop()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
}

// fill stores a customer with an order.
func fill(t *testing.T, d dbtest.Database) int64 {
	t.Helper()
	queries := shopdb.New(d.Open(t, schema.FS))
	ctx := t.Context()
	ada, err := queries.AddCustomer(ctx, shopdb.AddCustomerParams{ID: uuid.New(), Name: "Ada", Email: "ada@example.com", Settings: shop.StoredSettings{}})
	if err != nil {
		t.Fatal(err)
	}
	lamp, err := queries.AddProduct(ctx, shopdb.AddProductParams{Name: "Lamp", PriceCents: 1950, Released: dbtype.NewDate(2026, time.May, 1)})
	if err != nil {
		t.Fatal(err)
	}
	order, err := queries.AddOrder(ctx, shopdb.AddOrderParams{CustomerID: ada.ID, PlacedAt: dbtype.Now()})
	if err != nil {
		t.Fatal(err)
	}
	if err := queries.AddItem(ctx, shopdb.AddItemParams{OrderID: order.ID, ProductID: lamp.ID, Quantity: 2, PriceCents: lamp.PriceCents}); err != nil {
		t.Fatal(err)
	}
	return order.ID
}

// want sends a request, and wants a status code and a part of the body.
func want(t *testing.T, method, url string, body any, code int, part string) {
	t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), method, url, bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != code || !strings.Contains(string(got), part) {
		t.Errorf("%s %s: %d %s, error %v; want %d and %s", method, url, resp.StatusCode, got, err, code, part)
	}
}
