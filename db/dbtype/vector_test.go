package dbtype_test

import (
	"database/sql"
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/duolite/duolite/db/dbtest"
	"github.com/duolite/duolite/db/dbtype"
	"github.com/google/go-cmp/cmp"
)

func TestVectorRoundTrip(t *testing.T) {
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		pool := d.Open(t, nil)
		for _, want := range []dbtype.Vector{{1, 2}, {-0.1}, {math.MaxFloat32, math.SmallestNonzeroFloat32, 0, float32(math.Copysign(0, -1))}, make(dbtype.Vector, 1536)} {
			for _, declared := range []string{"blob", "f32_blob", "text"} {
				var got dbtype.Vector
				if class := roundTrip(t, pool, declared, want, &got); class != "blob" {
					t.Errorf("a vector in a %s column is stored as %s", declared, class)
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("a vector in a %s column (-want +got):\n%s", declared, diff)
				}
			}
		}
		got := dbtype.Vector{1}
		if class := roundTrip(t, pool, "blob", dbtype.Vector(nil), &got); class != "null" || got != nil {
			t.Errorf("nil is stored as %s and comes back as %v", class, got)
		}
		pointer := &got
		if class := roundTrip(t, pool, "blob", (*dbtype.Vector)(nil), &pointer); class != "null" || pointer != nil {
			t.Errorf("a nil pointer is stored as %s and comes back as %v", class, pointer)
		}
		null := sql.Null[dbtype.Vector]{V: dbtype.Vector{1, 2}, Valid: true}
		if class := roundTrip(t, pool, "blob", null, &null); class != "blob" || !null.Valid {
			t.Errorf("a sql.Null is stored as %s and comes back as %v", class, null)
		}
		if err := pool.QueryRowContext(t.Context(), "SELECT x'0000803f00000040'").Scan(&got); err != nil || !cmp.Equal(got, dbtype.Vector{1, 2}) {
			t.Errorf("read %v, %v", got, err)
		}
		if err := pool.QueryRowContext(t.Context(), "SELECT ' [1, 2.5e0,-3] '").Scan(&got); err != nil || !cmp.Equal(got, dbtype.Vector{1, 2.5, -3}) {
			t.Errorf("read %v, %v", got, err)
		}
	})
}

func TestVectorErrors(t *testing.T) {
	for want, v := range map[string]dbtype.Vector{
		"a vector has at least one number":             {},
		"number 2 of the vector is NaN or an infinity": {1, float32(math.NaN())},
		"number 1 of the vector is NaN or an infinity": {float32(math.Inf(-1))},
	} {
		if _, err := v.Value(); err == nil || err.Error() != want {
			t.Errorf("%v: %v, want %s", v, err, want)
		}
	}
	for _, test := range []struct {
		src  any
		want string
	}{
		{[]byte{1, 2, 3, 4, 5}, "a BLOB of 5 bytes isn't a vector of float32, which have 4 bytes each; read another type of libSQL as vector_extract(column)"},
		{[]byte{}, "a vector has at least one number"},
		{[]byte{0, 0, 0xc0, 0x7f}, "number 1 of the vector is NaN or an infinity"},
		{"[]", "a vector has at least one number"},
		{"null", "a text of 4 bytes isn't a JSON array of numbers that are float32"},
		{"[1,null]", "a text of 8 bytes isn't a JSON array of numbers that are float32"},
		{"[1e39]", "a text of 6 bytes isn't a JSON array of numbers that are float32"},
		{`["secret"]`, "a text of 10 bytes isn't a JSON array of numbers that are float32"},
		{int64(1), "can't read a vector from int64"},
	} {
		v := dbtype.Vector{7}
		if err := v.Scan(test.src); err == nil || err.Error() != test.want || !cmp.Equal(v, dbtype.Vector{7}) {
			t.Errorf("%v: %v, and the vector is %v; want %s", test.src, err, v, test.want)
		}
	}
}

func TestVectorInJSON(t *testing.T) {
	type object struct{ A, B dbtype.Vector }
	in := object{A: dbtype.Vector{0.1, 2}}
	text, err := json.Marshal(in)
	if want := `{"A":[0.1,2],"B":null}`; err != nil || string(text) != want {
		t.Errorf("marshalled %s, %v; want %s", text, err, want)
	}
	var out object
	if err := json.Unmarshal(text, &out); err != nil || !cmp.Equal(in, out) {
		t.Errorf("unmarshalled %v, %v", out, err)
	}
	if _, err := json.Marshal(dbtype.Vector{float32(math.NaN())}); err == nil || !strings.Contains(err.Error(), "NaN") {
		t.Errorf("NaN in JSON: %v", err)
	}
}

// FuzzVector: each BLOB that is read is stored as it was.
func FuzzVector(f *testing.F) {
	f.Add([]byte("\x00\x00\x80\x3f\x00\x00\x00\x40"))
	f.Add([]byte("\x00\x00\xc0\x7f"))
	f.Fuzz(func(t *testing.T, blob []byte) {
		var v dbtype.Vector
		if v.Scan(blob) != nil {
			return
		}
		again, err := v.Value()
		if err != nil || string(again.([]byte)) != string(blob) {
			t.Errorf("%x is stored as %x, %v", blob, again, err)
		}
	})
}
