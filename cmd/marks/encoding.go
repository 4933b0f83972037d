package main

import (
	"bytes"
	"encoding/binary"
	"regexp"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
)

// toUTF8 returns the text of a file in UTF-8, without a byte order mark. A file in another
// encoding declares it by a byte order mark or, in HTML, by a <META> element.
func toUTF8(data []byte) ([]byte, error) {
	switch {
	case bytes.HasPrefix(data, []byte("\xff\xfe")):
		return fromUTF16(data[2:], binary.LittleEndian)
	case bytes.HasPrefix(data, []byte("\xfe\xff")):
		return fromUTF16(data[2:], binary.BigEndian)
	case bytes.HasPrefix(data, []byte("<\x00")):
		return fromUTF16(data, binary.LittleEndian)
	case bytes.HasPrefix(data, []byte("\x00<")):
		return fromUTF16(data, binary.BigEndian)
	}
	data = withoutBOM(data)
	if label := declaredCharset(data); label != "" && (!utf8.Valid(data) || shifts(label)) {
		return fromCharset(data, label)
	}
	return data, nil
}

func fromUTF16(data []byte, order binary.ByteOrder) ([]byte, error) {
	units := make([]uint16, len(data)/2)
	for i := range units {
		units[i] = order.Uint16(data[2*i:])
	}
	text := make([]byte, 0, len(units)+len(units)/8)
	for i := 0; i < len(units); i++ {
		r := rune(units[i])
		if utf16.IsSurrogate(r) {
			var low rune
			if i+1 < len(units) {
				low = rune(units[i+1])
			}
			if r = utf16.DecodeRune(r, low); r == utf8.RuneError {
				return nil, badInput("line %d: not valid UTF-16", lineAt(text, len(text)))
			}
			i++
		}
		text = utf8.AppendRune(text, r)
	}
	if len(data)%2 != 0 {
		return nil, badInput("line %d: the file is cut short: its UTF-16 ends within a character", lineAt(text, len(text)))
	}
	return text, nil
}

// metaCharset matches the label of an encoding. The label has two forms: <META CHARSET="…">,
// and a part of the CONTENT of <META HTTP-EQUIV="Content-Type">.
var metaCharset = regexp.MustCompile(`(?i)<meta\s[^>]*charset\s*=\s*["']?\s*([-\w.:]+)`)

// maxHead is the number of bytes at the start of a file that are searched for a <META>.
// Browsers search 1024.
const maxHead = 4096

// declaredCharset returns the label of the encoding that an HTML file declares, or "".
func declaredCharset(data []byte) string {
	match := metaCharset.FindSubmatch(data[:min(len(data), maxHead)])
	if match == nil || !bytes.HasPrefix(bytes.TrimSpace(data), []byte("<")) {
		return ""
	}
	return strings.ToLower(string(match[1]))
}

// shifts reports whether text in the encoding consists of ASCII bytes alone, and so is
// valid UTF-8 too.
func shifts(label string) bool { return label == "iso-2022-jp" || label == "csiso2022jp" }

// fromCharset decodes data from the encoding with the given label.
func fromCharset(data []byte, label string) ([]byte, error) {
	encoding, name := charset.Lookup(label)
	switch {
	case encoding == nil || name == "replacement":
		return nil, badInput("the file says that it is in %.40q, which isn't known here; save it as UTF-8", label)
	case name == "utf-8", strings.HasPrefix(name, "utf-16"):
		return data, nil // the reader of the format reports the place of the error
	}
	text, err := encoding.NewDecoder().Bytes(data)
	if err != nil {
		return nil, badInput("not valid %s: %v", name, err)
	}
	if at := bytes.Index(text, []byte("\uFFFD")); at >= 0 {
		return nil, badInput("line %d: not valid %s, which the file says it is in", lineAt(text, at), name)
	}
	return text, nil
}
