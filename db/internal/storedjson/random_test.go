package storedjson_test

import (
	"encoding"
	"encoding/json"
	"math/big"
	"math/rand/v2"
	"net/netip"
	"net/url"
	"reflect"
	"strings"
	"time"
)

var zones = []*time.Location{time.UTC, time.FixedZone("", 3600), time.FixedZone("x", 3600*24), time.FixedZone("y", 90)}

var strs = []string{"", "a", "<&>", "\xff", "a\xc3", "\u2028\u2029", "\ufffd", "é", "\x00\x01\x1f\x7f", "\"\\/", "\b\f\n\r\t", "😀", "\xed\xa0\x80", "1", "null", "true", "1.5", "-0", "1e400", "\\ufffd", " ", "12345678901234567890", "A", "Inner", "\u0085", "\ufffe\uffff", "\U0010ffff", "\xf4\x90\x80\x80"}
var floats = []float64{0, 1, -1, 1.5, 1e20, 1e21, 1e-6, 1e-7, 123456789012345680, 9007199254740993, 0.1, 1e300, 5e-324, 1.7976931348623157e308, 3.4028235e38, 1.1754944e-38, 1e-45, 100, 1e6, 123456.789}

// A gen makes values and texts, the same ones from the same seed.
type gen struct {
	r   *rand.Rand
	any []reflect.Type // what an any may hold
}

// fill gives v a value.
func (g gen) fill(v reflect.Value, depth int) {
	if g.r.IntN(6) == 0 {
		return
	}
	switch x := v.Addr().Interface().(type) {
	case *time.Time:
		*x = time.Date(2026, 1, 2, 3, 4, g.r.IntN(60), g.r.IntN(3)*1e6*g.r.IntN(999), zones[g.r.IntN(len(zones))])
		if g.r.IntN(10) == 0 {
			*x = x.AddDate(8000+g.r.IntN(3000), 0, 0)
		}
		return
	case *json.RawMessage:
		*x = json.RawMessage(g.json(2))
		return
	case *json.Number:
		*x = json.Number([]string{"1", "-0", "1e5", "1E+05", "x", "", "01", "1.50", "123456789012345678901234567890"}[g.r.IntN(9)])
		return
	case *netip.Addr:
		*x = netip.AddrFrom4([4]byte{1, 2, 3, byte(g.r.IntN(9))})
		return
	case *big.Int:
		x.SetInt64(int64(g.r.Uint64()))
		return
	case *big.Float:
		x.SetFloat64(1.5)
		return
	case *url.URL:
		x.Host = strs[g.r.IntN(len(strs))]
		return
	case *tkey:
		x.s = strs[g.r.IntN(len(strs))]
		return
	case *encoding.TextMarshaler:
		*x = []encoding.TextMarshaler{nil, tkey{"a"}, &tkey{"b"}, &pkey{"c"}, (*tkey)(nil), (*pkey)(nil), skey("d"), time.Time{}}[g.r.IntN(8)]
		if _, bad := (*x).(*tkey); bad && reflect.ValueOf(*x).IsNil() {
			*x = nil
		}
		if _, bad := (*x).(*pkey); bad && reflect.ValueOf(*x).IsNil() {
			*x = nil
		}
		return
	case *json.Marshaler:
		*x = []json.Marshaler{nil, vjson{"a"}, &vjson{"b"}, &pjson{"c"}, json.RawMessage("[ 1 ]"), json.RawMessage(nil), time.Time{}, badjson{}, dupjson{}}[g.r.IntN(9)]
		return
	}
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(g.r.IntN(2) == 0)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt([]int64{0, 1, -1, 1 << 53, 1<<53 + 1, -1 << 63, 1<<63 - 1, int64(g.r.Uint64())}[g.r.IntN(8)] >> g.r.IntN(2))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		v.SetUint([]uint64{0, 1, 1 << 53, 1<<53 + 1, 1<<64 - 1, g.r.Uint64()}[g.r.IntN(6)])
	case reflect.Float32, reflect.Float64:
		f := floats[g.r.IntN(len(floats))]
		if g.r.IntN(3) == 0 {
			f *= g.r.NormFloat64()
		}
		v.SetFloat(f)
	case reflect.String:
		s := strs[g.r.IntN(len(strs))]
		if g.r.IntN(3) == 0 {
			s += strs[g.r.IntN(len(strs))]
		}
		v.SetString(s)
	case reflect.Pointer:
		p := reflect.New(v.Type().Elem())
		if depth > 0 {
			g.fill(p.Elem(), depth-1)
			v.Set(p)
		}
	case reflect.Slice:
		n := g.r.IntN(4)
		s := reflect.MakeSlice(v.Type(), n, n)
		for i := 0; depth > 0 && i < n; i++ {
			g.fill(s.Index(i), depth-1)
		}
		v.Set(s)
	case reflect.Array:
		for i := range v.Len() {
			g.fill(v.Index(i), depth-1)
		}
	case reflect.Map:
		m := reflect.MakeMap(v.Type())
		if depth > 0 {
			entries := g.r.IntN(4)
			if t := v.Type().Key(); t.Kind() == reflect.Pointer || t.Kind() == reflect.Interface || strings.Contains(t.String(), "emb") {
				entries = min(entries, 1) // others may have the same text, and then no order
			}
			for range entries {
				k := reflect.New(v.Type().Key()).Elem()
				e := reflect.New(v.Type().Elem()).Elem()
				if k.Kind() == reflect.Interface && k.NumMethod() == 0 {
					k.Set(reflect.ValueOf("key"))
				} else {
					g.fill(k, depth-1)
				}
				g.fill(e, depth-1)
				if k.Kind() != reflect.Float64 && (k.Kind() == reflect.Pointer && k.IsNil() || k.Comparable()) {
					m.SetMapIndex(k, e)
				}
			}
		}
		v.Set(m)
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Field(i).CanSet() {
				g.fill(v.Field(i), depth-1)
			}
		}
	case reflect.Interface:
		if v.NumMethod() != 0 || depth <= 0 {
			return
		}
		t := g.any[g.r.IntN(len(g.any))]
		e := reflect.New(t).Elem()
		g.fill(e, depth-1)
		if t.Kind() == reflect.Interface && e.IsNil() {
			return
		}
		if g.r.IntN(4) == 0 {
			e = e.Addr()
		}
		v.Set(e)
	}
}

var names = []string{"A", "a", "b", "B", "c", "x", "X", "n", "m", "M", "S", "s", "v", "inner", "Inner", "é", "É", "a b", "-", "e-f", "E_F", "EF", "d", "D", "k", "K", "\u212a", "l", "L", "ſ", "T", "Time", "<h>", `\u0041`, "f32", "by", "I8", "tk", "An", "dt", "Dj", "of", "OFP", "theme", `\ufffd`, "\xff", `\ud800`, "\u2028"}

func (g gen) name() string {
	return `"` + names[g.r.IntN(len(names))] + `"`
}

// json returns a text that is JSON, or nearly.
func (g gen) json(depth int) string {
	ws := []string{"", "", "", " ", "\n", "\t", "\r", "\v", "\u00a0", "\ufeff"}[min(g.r.IntN(60), 9)%10]
	if g.r.IntN(4) != 0 {
		ws = ""
	}
	n := g.r.IntN(12)
	if depth <= 0 && n < 5 {
		n += 5
	}
	switch n {
	case 0, 1, 2:
		var s []string
		for range g.r.IntN(5) {
			s = append(s, g.name()+ws+":"+ws+g.json(depth-1))
		}
		return ws + "{" + strings.Join(s, ",") + "}" + ws
	case 3, 4:
		var s []string
		for range g.r.IntN(4) {
			s = append(s, g.json(depth-1))
		}
		return "[" + ws + strings.Join(s, ","+ws) + "]"
	case 5, 6:
		return []string{"0", "1", "-0", "-1", "1.0", "1e2", "1E400", "1e-400", "0.1", "9007199254740993", "9223372036854775807", "9223372036854775808", "18446744073709551615", "18446744073709551616", "127", "128", "-129", "255", "256", "01", "1.", ".5", "+1", "1e", "3.5e38", "0x1", "NaN", "12345678901234567890.123"}[min(g.r.IntN(40), 27)]
	case 7, 8:
		return []string{`""`, `"a"`, `"\u0061"`, `"\ud83d\ude00"`, `"\ud800"`, `"\udc00\ud800"`, "\"\xff\"", "\"\xed\xa0\x80\"", `"\ufffd"`, "\"\u2028\"", `"\u2028"`, `"<&>"`, `"\u003c"`, `"\/"`, `"\x"`, "\"\x01\"", "\"\x7f\"", `"AQID"`, `"AQ=="`, `"AQ"`, `"A Q=="`, `"A\nQ=="`, `"AR=="`, `"_-8="`, `"1"`, `"null"`, `"true"`, `"1.5"`, `"\"a\""`, `"2026-01-02T03:04:05Z"`, `"2026-01-02T03:04:05.678Z"`, `"2026-01-02T03:04:05,678Z"`, `"2026-01-02T3:04:05Z"`, `"2026-01-02t03:04:05z"`, `"2026-01-02T03:04:05+24:00"`, `"2026-01-02 03:04:05"`, `"1.2.3.4"`, `" 1"`, `"k:a"`, `"\uD83D"`, `"\u00"`, `"01"`, `"1e2"`, `"0"`, `"-1"`, `"300"`}[g.r.IntN(46)]
	case 9:
		return "null"
	case 10:
		return "true"
	}
	return []string{"false", "nul", "", "TRUE", "[1,]", `{"a":1,}`, `{a:1}`, "[", "1 2", "//x\n1", "{}}"}[max(g.r.IntN(20)-9, 0)]
}
