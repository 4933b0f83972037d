// Command differences prints docs/differences.md, the differences between the engines, from
// the table that the conformance suite asserts.
package main

import (
	"fmt"

	"github.com/duolite/duolite/db/internal/conformance"
)

func main() {
	fmt.Print(conformance.Table())
}
