package status

import (
	"fmt"
	"strings"
	"time"

	"github.com/duolite/duolite/cmd/internal/output"
	"github.com/duolite/duolite/db"
)

// Fields returns the status as lines of text, without the tables.
func (s *Status) Fields() []output.Field {
	fields := []output.Field{
		{Name: "database", Text: s.Database},
		{Name: "engine", Text: string(s.Engine)},
		{Name: "SQLite", Text: s.SQLite},
		{Name: "size", Text: fmt.Sprintf("%s: %d pages of %d bytes, %d of them free", Size(s.Bytes), s.Pages, s.PageSize, s.FreePages)},
	}
	if s.LogBytes != nil {
		fields = append(fields, output.Field{Name: "log", Text: Size(*s.LogBytes)})
	}
	fields = append(fields, output.Field{Name: "journal mode", Text: s.JournalMode})
	if s.Encoding != "UTF-8" {
		fields = append(fields, output.Field{Name: "encoding", Text: s.Encoding})
	}
	if s.Engine != db.SQLite {
		fields = append(fields, output.Field{Name: "round trip", Text: s.RoundTrip.Round(10 * time.Microsecond).String()})
	}
	return append(fields,
		output.Field{Name: "application ID", Text: fmt.Sprint(s.ApplicationID)},
		output.Field{Name: "user version", Text: fmt.Sprint(s.UserVersion)},
		output.Field{Name: "migrations", Text: s.Migrations.text()},
		output.Field{Name: "replica", Text: s.Replica.text()})
}

func (m *Migrations) text() string {
	switch {
	case m == nil:
		return ""
	case m.Problem != "":
		return m.Problem
	case len(m.Pending) == 0:
		return fmt.Sprintf("%d applied, none pending", len(m.Applied))
	default:
		return fmt.Sprintf("%d applied, %d pending: %s", len(m.Applied), len(m.Pending), Some(m.Pending))
	}
}

// maxNames is the number of names in a text.
const maxNames = 3

// Some returns the first names, and the number of the others.
func Some(names []string) string {
	if len(names) <= maxNames {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:maxNames], ", "), len(names)-maxNames)
}

func (r *Replica) text() string {
	if r == nil {
		return ""
	}
	text := fmt.Sprintf("%d frames, %d behind", r.Frames, r.Behind)
	if !r.Committed.IsZero() {
		text += ", last commit " + r.Committed.UTC().Format(time.DateTime)
	}
	if r.Problem != "" {
		text += "; " + r.Problem
	}
	return text
}

// RowsText returns the number of rows.
func (t Table) RowsText() string {
	switch {
	case t.AtLeast:
		return fmt.Sprintf("more than %d", t.Rows)
	case !t.Exact:
		return fmt.Sprintf("about %d", t.Rows)
	default:
		return fmt.Sprint(t.Rows)
	}
}

// Size returns a number of bytes in a larger unit: 1.5 MiB.
func Size(bytes int64) string {
	if bytes < 1024 {
		return fmt.Sprintf("%d bytes", bytes)
	}
	value := float64(bytes)
	for _, unit := range []string{"KiB", "MiB", "GiB"} {
		if value /= 1024; value < 1024 {
			return fmt.Sprintf("%.1f %s", value, unit)
		}
	}
	return fmt.Sprintf("%.1f TiB", value/1024)
}
