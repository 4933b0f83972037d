package migrations

import (
	"cmp"
	"slices"
	"strings"

	"github.com/duolite/duolite/internal/sqltext"
)

// render returns the migrations in goose's form.
func render(tool Tool, found []migration) (*Import, error) {
	slices.SortFunc(found, func(a, b migration) int { return cmp.Compare(a.version, b.version) })
	imported := &Import{Tool: tool}
	for i, m := range found {
		if i > 0 && found[i-1].version == m.version {
			return nil, sameNumber(found[i-1].from, m.from)
		}
		up, down := sqltext.Split(m.up), sqltext.Split(m.down)
		file := File{Version: m.version, Name: m.name}
		if all := slices.Concat(up, down); !m.noTx {
			if first := slices.IndexFunc(all, outside); first >= 0 {
				m.noTx, file.Outside = true, shown(all[first].Text)
			}
		}
		var b strings.Builder
		if m.noTx {
			b.WriteString("-- +goose NO TRANSACTION\n")
		}
		line(&b, m.before)
		b.WriteString("-- +goose Up\n")
		writeSection(&b, m.up)
		b.WriteString("-- +goose Down\n")
		writeSection(&b, m.down)
		file.Text = b.String()
		imported.Files = append(imported.Files, file)
	}
	return imported, nil
}

// outside reports whether a statement can't be in the transaction of a migration.
func outside(s sqltext.Statement) bool {
	switch s.Kind {
	case sqltext.BeginDeferred, sqltext.BeginWrite, sqltext.Commit, sqltext.Rollback, sqltext.Outside:
		return true
	}
	return false
}

// shown returns the words of a statement, for a message.
func shown(text string) string {
	var words []string
	for token := range sqltext.CodeTokens(text) {
		words = append(words, token.Text)
	}
	if len(words) > 5 {
		words = append(words[:5], "…")
	}
	return strings.Join(words, " ")
}

// writeSection writes a text byte for byte. goose's own parser ends a statement at each line that ends in
// a semicolon, and needs one at the end, so a statement for which that is wrong is put between
// StatementBegin and StatementEnd.
func writeSection(b *strings.Builder, text string) {
	at := 0 // what is written
	for start, s := range sqltext.Statements(text) {
		end := start + len(s.Text)
		semicolon := strings.HasPrefix(strings.TrimLeft(text[end:], " \t\r\n"), ";")
		if !strings.Contains(s.Text, ";") && semicolon {
			continue
		}
		if semicolon {
			end += strings.IndexByte(text[end:], ';') + 1
		}
		line(b, text[at:start])
		b.WriteString("-- +goose StatementBegin\n")
		line(b, text[start:end])
		b.WriteString("-- +goose StatementEnd\n")
		at = end
		if strings.HasPrefix(text[at:], "\n") {
			at++
		}
	}
	line(b, text[at:])
}

// line writes text, and ends its last line.
func line(b *strings.Builder, text string) {
	b.WriteString(text)
	if text != "" && !strings.HasSuffix(text, "\n") {
		b.WriteByte('\n')
	}
}
