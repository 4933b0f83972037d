package main

import (
	"encoding/binary"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"
)

// TestEncodings imports one file in many encodings.
func TestEncodings(t *testing.T) {
	t.Parallel()
	const title = "Übersicht – 10 €"
	file := func(head, title string) string {
		return "<!DOCTYPE NETSCAPE-Bookmark-file-1>\r\n" + head + "\r\n<DL><p>\r\n<DT><A HREF=\"https://a.example/\" ADD_DATE=\"soon\">" + title + "</A>\r\n</DL><p>\r\n"
	}
	in16 := func(text string, order binary.ByteOrder) string {
		var b []byte
		for _, unit := range utf16.Encode([]rune(text)) {
			b = append(b, 0, 0)
			order.PutUint16(b[len(b)-2:], unit)
		}
		return string(b)
	}
	const latin = "\xdcbersicht \x96 10 \x80" // windows-1252, which is what browsers take ISO-8859-1 for
	for name, tt := range map[string]struct{ content, title string }{
		"UTF-8":                       {file("", title), title},
		"UTF-8 with a mark":           {"\ufeff" + file("", title), title},
		"UTF-8, said otherwise":       {file("<META CHARSET=windows-1252>", title), title},
		"UTF-16LE":                    {in16("\ufeff"+file("<META CHARSET=UTF-8>", title+" 👍"), binary.LittleEndian), title + " 👍"},
		"UTF-16BE":                    {in16("\ufeff"+file("", title+" 👍"), binary.BigEndian), title + " 👍"},
		"UTF-16LE without a mark":     {in16(file("", title), binary.LittleEndian), title},
		"UTF-16BE without a mark":     {in16(file("", title), binary.BigEndian), title},
		"windows-1252":                {file(`<META charset="windows-1252">`, latin), title},
		"ISO-8859-1":                  {file(`<META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset=ISO-8859-1">`, latin), title},
		"ISO-8859-1, the other way":   {file("<meta content='text/html;CHARSET = iso-8859-1' http-equiv=content-type>", latin), title},
		"ISO-8859-15":                 {file("<meta charset=iso-8859-15>", "\xa4"), "€"},
		"KOI8-R":                      {file("<meta charset=koi8-r>", "\xf0\xd2\xc9\xd7\xc5\xd4"), "Привет"},
		"Shift_JIS":                   {file("<meta charset=Shift_JIS>", "\x93\xfa\x96\x7b"), "日本"},
		"GBK":                         {file("<meta charset=gb2312>", "\xd6\xd0\xce\xc4"), "中文"},
		"ISO-2022-JP, which is ASCII": {file("<meta charset=ISO-2022-JP>", "\x1b$BF|K\\\x1b(B"), "日本"},
	} {
		t.Run(name, func(t *testing.T) {
			s := shellOn(t, filepath.Join(t.TempDir(), "marks.db"))
			r := s.run("import", writeFile(t, "bookmarks.html", tt.content))
			if r.Code != 0 || !strings.Contains(r.Stderr, `: line 4: ADD_DATE "soon" is no date; `) {
				t.Fatalf("exit code %d: %s", r.Code, r.Stderr)
			}
			if all := s.bookmarks(); len(all) != 1 || all[0].Title != tt.title || all[0].URL != "https://a.example/" {
				t.Errorf("got %+v, want the title %q", all, tt.title)
			}
		})
	}

	s := shellOn(t, filepath.Join(t.TempDir(), "marks.db"))
	s.must("import", writeFile(t, "a.json", in16("\ufeff[{\"url\":\"https://a.example/\",\"title\":\"é\"}]", binary.LittleEndian)))
	if all := s.bookmarks(); len(all) != 1 || all[0].Title != "é" {
		t.Errorf("from JSON: %+v", all)
	}
}
