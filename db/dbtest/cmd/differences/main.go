// Command differences prints docs/differences.md: what can't be the same on every engine,
// from the table that the conformance suite asserts.
package main

import (
	"fmt"

	"github.com/duolite/duolite/db/dbtest/conformance"
)

func main() {
	fmt.Print(conformance.Table())
}
