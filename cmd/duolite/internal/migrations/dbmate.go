package migrations

import (
	"fmt"
	"strings"

	"github.com/duolite/duolite/internal/sqltext"
)

// dbmate reads the files of dbmate: both directions in one file, each after a line of its own.
// https://github.com/amacneil/dbmate#creating-migrations
func dbmate(texts map[string]string) ([]migration, error) {
	var found []migration
	for _, name := range sortedNames(texts) {
		version, err := number(name)
		if err != nil {
			return nil, err
		}
		m := migration{version: version, name: name, from: name}
		if err := m.readDbmate(texts[name]); err != nil {
			return nil, err
		}
		found = append(found, m)
	}
	return found, nil
}

// readDbmate reads the sections of a file.
func (m *migration) readDbmate(text string) error {
	var section *string
	n := 0
	for line := range strings.Lines(text) {
		n++
		direction, options, ok := dbmateLine(line)
		switch {
		case !ok && section == nil:
			m.before += line
			continue
		case !ok:
			*section += line
			continue
		case direction == "up" && section != nil, direction == "down" && section == &m.down:
			return fmt.Errorf("%s, line %d: a second -- migrate:%s", m.from, n, direction)
		case direction == "down" && section == nil:
			return fmt.Errorf("%s, line %d: -- migrate:down without -- migrate:up before it", m.from, n)
		case direction == "up":
			section = &m.up
		default:
			section = &m.down
		}
		for _, option := range options {
			switch option {
			case "transaction:false":
				m.noTx = true
			case "transaction:true":
			default:
				return fmt.Errorf("%s, line %d: unknown option %q; known here: transaction:false", m.from, n, option)
			}
		}
	}
	if len(sqltext.Split(m.before)) > 0 {
		return fmt.Errorf("%s: a statement before -- migrate:up, which dbmate doesn't run", m.from)
	}
	return nil
}

// isDbmate reports whether a line begins a section of dbmate.
func isDbmate(line string) bool {
	_, _, ok := dbmateLine(line)
	return ok
}

// dbmateLine parses -- migrate:up and -- migrate:down, with the options after it.
func dbmateLine(line string) (direction string, options []string, ok bool) {
	rest, ok := strings.CutPrefix(line, "--")
	if !ok {
		return "", nil, false
	}
	words := strings.Fields(rest)
	if len(words) == 0 {
		return "", nil, false
	}
	direction, ok = strings.CutPrefix(words[0], "migrate:")
	return direction, words[1:], ok && (direction == "up" || direction == "down")
}
