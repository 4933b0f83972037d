//go:build goexperiment.jsonv2

package storedjson

import jsonv2 "github.com/go-json-experiment/json"

// Since Go 1.27 the types of the module are aliases of encoding/json's types.

var ownTypes = jsonv2.WithMarshalers(texts)

func standardError(err error) error { return err }
