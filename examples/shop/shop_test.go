package shop_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbcheck"
	"github.com/duolite/duolite/db/dbtest"
	"github.com/duolite/duolite/db/dbtype"
	"github.com/duolite/duolite/examples/shop"
	"github.com/duolite/duolite/examples/shop/schema"
	"github.com/duolite/duolite/examples/shop/shopdb"
	"github.com/google/uuid"
)

// TestQueries is the gate.
func TestQueries(t *testing.T) {
	dbcheck.Queries(t, shopdb.New, schema.FS, os.DirFS("queries"))
}

// TestShop runs the code of the pages on each kind of database.
func TestShop(t *testing.T) {
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		pool := d.Open(t, schema.FS)
		for _, page := range []struct {
			name string
			run  func(context.Context, *sql.DB) error
		}{{"columns", columns}, {"nested rows", nestedRows}, {"dynamic queries", dynamicQueries}, {"search", search}} {
			if err := page.run(t.Context(), pool); err != nil {
				t.Errorf("%s: %v", page.name, err)
			}
		}
	})
}

// TestServerIsGone is the code of docs/testing.md about faults.
func TestServerIsGone(t *testing.T) {
	srv := dbtest.StartServer(t)
	pool, err := db.Open(t.Context(), srv.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	srv.Kill()
	_, err = pool.ExecContext(t.Context(), "DELETE FROM orders")
	if !errors.Is(err, db.ErrUnavailable) {
		t.Errorf("error %v, want ErrUnavailable", err)
	}
	srv.Restart()
	if err := pool.PingContext(t.Context()); err != nil {
		t.Errorf("after the restart: %v", err)
	}
}

// TestFile is the shortest test of a query.
func TestFile(t *testing.T) {
	queries := shopdb.New(dbtest.OpenTemp(t, schema.FS))
	_, err := queries.GetOrder(t.Context(), 1)
	if !errors.Is(err, sql.ErrNoRows) {
		t.Errorf("error %v, want sql.ErrNoRows", err)
	}
}

// columns is the code of docs/columns.md.
func columns(ctx context.Context, pool *sql.DB) error {
	queries := shopdb.New(pool)
	ada, err := queries.AddCustomer(ctx, shopdb.AddCustomerParams{
		ID:       uuid.New(),
		Name:     "Ada",
		Email:    "ada@example.com",
		Settings: shop.StoredSettings{V: shop.Settings{Language: "en"}},
	})
	if err != nil {
		return err
	}
	fmt.Fprintln(log, ada.ID, ada.CreatedAt, ada.Settings.V.Language)

	lamp, err := queries.AddProduct(ctx, shopdb.AddProductParams{
		Name:       "Lamp",
		PriceCents: 19_50,
		Released:   dbtype.NewDate(2026, time.May, 1),
	})
	if err != nil {
		return err
	}
	fmt.Fprintln(log, lamp.PriceCents, lamp.Released.AddDays(30)) // 19.50 2026-05-31

	again, err := queries.GetCustomer(ctx, ada.ID)
	if err != nil {
		return err
	}
	english, err := queries.ListCustomersByLanguage(ctx, "en")
	if err != nil {
		return err
	}
	switch {
	case again != ada:
		return fmt.Errorf("read %+v, want %+v", again, ada)
	case len(english) != 1 || english[0].ID != ada.ID:
		return fmt.Errorf("English customers: %+v", english)
	case lamp.PriceCents.String() != "19.50" || lamp.Released.AddDays(30).String() != "2026-05-31":
		return fmt.Errorf("product %+v", lamp)
	}
	return nil
}

// log is where the pages' code prints.
var log = new(strings.Builder)

// nestedRows is the code of docs/nested.md.
func nestedRows(ctx context.Context, pool *sql.DB) error {
	queries := shopdb.New(pool)
	order, err := addOrder(ctx, pool, "Grace", 1, map[string]shop.Cents{"Chair": 89_00, "Desk": 240_00})
	if err != nil {
		return err
	}
	full, err := queries.GetOrder(ctx, order.ID)
	if err != nil {
		return err
	}
	for _, item := range full.Items.V {
		fmt.Fprintln(log, item.Quantity, item.Product, item.Price)
	}
	if want := []shop.Item{{Product: "Chair", Quantity: 1, Price: 89_00}, {Product: "Desk", Quantity: 1, Price: 240_00}}; !slices.Equal(full.Items.V, want) {
		return fmt.Errorf("items %+v, want %+v", full.Items.V, want)
	}
	return nil
}

// addOrder stores an order of a day in May with its items, all or nothing.
func addOrder(ctx context.Context, pool *sql.DB, customer string, day int, prices map[string]shop.Cents) (order shopdb.Order, err error) {
	err = db.InTx(ctx, pool, func(tx *sql.Tx) error {
		queries := shopdb.New(tx)
		c, err := queries.AddCustomer(ctx, shopdb.AddCustomerParams{ID: uuid.New(), Name: customer, Email: customer + "@example.com"})
		if err != nil {
			return err
		}
		order, err = queries.AddOrder(ctx, shopdb.AddOrderParams{CustomerID: c.ID, PlacedAt: dbtype.NewTime(time.Date(2026, time.May, day, 12, 0, 0, 0, time.UTC))})
		if err != nil {
			return err
		}
		var items []shopdb.AddItemParams
		for name, price := range prices {
			p, err := queries.AddProduct(ctx, shopdb.AddProductParams{Name: name, PriceCents: price, Released: dbtype.NewDate(2026, time.May, 1)})
			if err != nil {
				return err
			}
			items = append(items, shopdb.AddItemParams{OrderID: order.ID, ProductID: p.ID, Quantity: 1, PriceCents: p.PriceCents})
		}
		_, err = db.InsertAll(ctx, tx, shopdb.New, items, (*shopdb.Queries).AddItem)
		return err
	})
	return order, err
}

// dynamicQueries is the code of docs/dynamic.md.
func dynamicQueries(ctx context.Context, pool *sql.DB) error {
	queries := shopdb.New(pool)
	order, err := addOrder(ctx, pool, "Alan", 2, map[string]shop.Cents{"Pen": 2_00})
	if err != nil {
		return err
	}
	if _, err := queries.SetOrderState(ctx, shopdb.SetOrderStateParams{ID: order.ID, State: "paid"}); err != nil {
		return err
	}
	paid := "paid"
	orders, err := queries.ListOrders(ctx, shopdb.ListOrdersParams{State: &paid, PageSize: 20})
	if err != nil {
		return err
	}
	if len(orders) != 1 || orders[0].ID != order.ID {
		return fmt.Errorf("paid orders %+v", orders)
	}
	all, err := queries.ListOrders(ctx, shopdb.ListOrdersParams{Sort: shopdb.ListOrdersSortOldest, PageSize: 20})
	if err != nil {
		return err
	}
	if last := all[len(all)-1]; last.ID != order.ID {
		return fmt.Errorf("the newest order is %d, want %d", last.ID, order.ID)
	}
	return nil
}

// search is the code of docs/search.md.
func search(ctx context.Context, pool *sql.DB) error {
	queries := shopdb.New(pool)
	for _, p := range []shopdb.AddProductParams{
		{Name: "Café table", Description: "A round table of oak, for two.", Released: dbtype.NewDate(2026, time.June, 1)},
		{Name: "Shelf", Description: "Oak boards; goes with our tables.", Released: dbtype.NewDate(2026, time.June, 1)},
	} {
		if _, err := queries.AddProduct(ctx, p); err != nil {
			return err
		}
	}
	found, err := queries.SearchProducts(ctx, shopdb.SearchProductsParams{Query: words("cafe table"), PageSize: 10})
	if err != nil {
		return err
	}
	if len(found) != 1 || found[0].Name != "[Café] [table]" {
		return fmt.Errorf("found %+v", found)
	}
	// A text that somebody typed isn't always a query of FTS5.
	_, err = queries.SearchProducts(ctx, shopdb.SearchProductsParams{Query: `"oak`, PageSize: 10})
	if !errors.Is(err, db.ErrBadQuery) {
		return fmt.Errorf("error %v, want ErrBadQuery", err)
	}
	return nil
}

// words returns an FTS5 query for all words of a text, literally.
func words(text string) string {
	var query []string
	for word := range strings.FieldsSeq(text) {
		query = append(query, `"`+strings.ReplaceAll(word, `"`, `""`)+`"`)
	}
	return strings.Join(query, " ")
}
