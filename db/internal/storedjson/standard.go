//go:build goexperiment.jsonv2

package storedjson

import jsonv2 "github.com/go-json-experiment/json"

// Since Go 1.27 the module's types are encoding/json's.

var ownTypes = jsonv2.WithMarshalers(texts)

func standardError(err error) error { return err }
