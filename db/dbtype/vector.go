package dbtype

import (
	"database/sql/driver"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
)

// Vector is a vector of numbers, such as an embedding. It is stored as a BLOB with the numbers one
// after the other, each as a float32 in little-endian order. Both sqlite-vec (vec_f32) and libSQL
// (vector32) have this form. A nil Vector is NULL. In JSON it is an array of numbers.
// https://alexgarcia.xyz/sqlite-vec, https://docs.turso.tech/features/ai-and-embeddings
type Vector []float32

// Value implements [driver.Valuer]. It fails for a vector without numbers, which can't be compared,
// and for NaN and infinities.
func (v Vector) Value() (driver.Value, error) {
	if v == nil {
		return nil, nil
	}
	if err := v.check(); err != nil {
		return nil, err
	}
	blob := make([]byte, 0, 4*len(v))
	for _, x := range v {
		blob = binary.LittleEndian.AppendUint32(blob, math.Float32bits(x))
	}
	return blob, nil
}

// Scan implements [sql.Scanner]. It accepts a BLOB as Value returns it, and the text of a JSON
// array, as vec_to_json and vector_extract return it. libSQL's other types of vectors are errors.
func (v *Vector) Scan(src any) error {
	var read Vector
	switch src := src.(type) {
	case nil:
		*v = nil
		return nil
	case []byte:
		if len(src)%4 != 0 {
			return fmt.Errorf("a BLOB of %d bytes isn't a vector of float32, which have 4 bytes each; "+
				"read another type of libSQL as vector_extract(column)", len(src))
		}
		read = make(Vector, 0, len(src)/4)
		for number := range slices.Chunk(src, 4) {
			read = append(read, math.Float32frombits(binary.LittleEndian.Uint32(number)))
		}
	case string:
		// A null, as vec_to_json returns it for NaN, isn't 0, as json takes it.
		if err := json.Unmarshal([]byte(src), &read); err != nil || strings.Contains(src, "null") {
			return fmt.Errorf("a text of %d bytes isn't a JSON array of numbers that are float32", len(src))
		}
	default:
		return fmt.Errorf("can't read a vector from %T", src)
	}
	if err := read.check(); err != nil {
		return err
	}
	*v = read
	return nil
}

func (v Vector) check() error {
	if len(v) == 0 {
		return errors.New("a vector has at least one number")
	}
	for i, x := range v {
		if f := float64(x); math.IsNaN(f) || math.IsInf(f, 0) {
			return fmt.Errorf("number %d of the vector is NaN or an infinity", i+1)
		}
	}
	return nil
}
