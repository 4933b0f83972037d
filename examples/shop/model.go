// Package shop is the example of several pages in docs/: columns, nested rows, dynamic queries, search, an
// HTTP server. Package shopdb has its queries.
package shop

import (
	"fmt"

	"github.com/duolite/duolite/db/dbtype"
)

// Settings are a customer's settings.
type Settings struct {
	Language string `json:"language,omitempty"`
	Letters  bool   `json:"letters,omitempty"`
}

// StoredSettings is the type of the column customers.settings, which has JSON.
type StoredSettings = dbtype.Of[Settings]

// An Item is an item of an order.
type Item struct {
	Product  string `json:"product"`
	Quantity int64  `json:"quantity"`
	Price    Cents  `json:"price_cents"`
}

// Items is the type of the column full_orders.items, which has a JSON array.
type Items = dbtype.Of[[]Item]

// Cents is an amount of money. It is stored as an integer, so that sums are exact.
type Cents int64

func (c Cents) String() string {
	return fmt.Sprintf("%d.%02d", int64(c)/100, int64(c)%100)
}
