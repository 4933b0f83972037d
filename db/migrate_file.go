package db

import (
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/internal/sqltext"
)

// A migrationFile is a file in goose's form.
// https://pressly.github.io/goose/documentation/annotations/
type migrationFile struct {
	name     string
	noTx     bool // it has the line "-- +goose NO TRANSACTION"
	up, down section
}

// A section is the part of a file after "-- +goose Up" or "-- +goose Down".
type section struct {
	regions []region
}

// A region is a part of a section between two lines of goose's. Lines about environment
// variables don't end a region; its text has an empty line in their place.
type region struct {
	text  string
	line  int  // line of the file at which it begins
	block bool // between StatementBegin and StatementEnd; goose runs it in one call
	envs  []envLine
}

// An envLine is a line "-- +goose ENVSUB ON" or OFF. Between the two lines goose replaces
// environment variables in the text.
type envLine struct {
	offset int // in the region's text
	text   string
}

// A migrationStatement is a statement and its position after any comments before it.
type migrationStatement struct {
	sqltext.Statement
	line       int // in the file
	start, end int // in the region's text
}

// statements splits a region as SQLite does. A semicolon within a trigger, a string or a
// comment ends no statement; goose's own parser ends one at each line that ends in a
// semicolon.
func (r region) statements() []migrationStatement {
	var all []migrationStatement
	for at, s := range sqltext.Statements(r.text) {
		start := at
		for token := range sqltext.CodeTokens(s.Text) {
			start += token.Offset
			break
		}
		all = append(all, migrationStatement{s, r.line + strings.Count(r.text[:start], "\n"), start, at + len(s.Text)})
	}
	return all
}

func (s section) statements() []migrationStatement {
	var all []migrationStatement
	for _, r := range s.regions {
		all = append(all, r.statements()...)
	}
	return all
}

// A migrationParser reads a file line by line.
type migrationParser struct {
	file    migrationFile
	section *section // nil before "-- +goose Up"
	region  region
	body    strings.Builder // text of the region
	before  strings.Builder // text before "-- +goose Up"
	line    int
}

// readMigration reads a file. It accepts all of goose's lines and refuses other tools' forms.
func readMigration(files fs.FS, name string) (migrationFile, error) {
	data, err := fs.ReadFile(files, name)
	if err != nil {
		return migrationFile{}, fmt.Errorf("migration %s: %w", engine.Escape(path.Base(name)), err)
	}
	p := migrationParser{file: migrationFile{name: name}}
	text := strings.TrimPrefix(string(data), "\ufeff")
	for line := range strings.Lines(text) {
		p.line++
		if err := p.take(strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r")); err != nil {
			return migrationFile{}, err
		}
	}
	switch {
	case p.section == nil:
		return migrationFile{}, notGoose(name, text)
	case p.region.block:
		return migrationFile{}, migrationFault(name, p.region.line-1, "-- +goose StatementBegin without -- +goose StatementEnd after it")
	}
	p.endRegion()
	return p.file, nil
}

func (p *migrationParser) errorf(format string, args ...any) error {
	return migrationFault(p.file.name, p.line, fmt.Sprintf(format, args...))
}

// migrationFault returns an error about a line of a migration.
func migrationFault(name string, line int, problem string) error {
	return fmt.Errorf("migration %s, line %d: %s", engine.Escape(path.Base(name)), line, problem)
}

// take parses a line.
func (p *migrationParser) take(line string) error {
	if !strings.HasPrefix(strings.TrimSpace(line), "--") || !strings.Contains(line, "+goose") {
		p.write(line)
		return nil
	}
	word := strings.TrimSpace(strings.Replace(strings.ReplaceAll(line, "--", ""), "+goose", "", 1))
	if line[0] != '-' {
		return p.errorf("-- +goose %s has white space before it; want it at the beginning of the line", word)
	}
	switch word = strings.ToUpper(word); word {
	case "UP":
		return p.begin("Up", &p.file.up)
	case "DOWN":
		return p.begin("Down", &p.file.down)
	case "STATEMENTBEGIN", "STATEMENTEND":
		return p.statement(word == "STATEMENTBEGIN")
	case "NO TRANSACTION":
		p.file.noTx = true
		p.write("")
		return nil
	case "ENVSUB ON", "ENVSUB OFF":
		p.region.envs = append(p.region.envs, envLine{p.body.Len(), line})
		p.write("")
		return nil
	default:
		return p.errorf("unknown line %.60q; goose's are Up, Down, StatementBegin, StatementEnd, NO TRANSACTION, ENVSUB ON and ENVSUB OFF", line)
	}
}

func (p *migrationParser) write(line string) {
	to := &p.body
	if p.section == nil {
		to = &p.before
	}
	to.WriteString(line)
	to.WriteByte('\n')
}

// begin starts a section.
func (p *migrationParser) begin(name string, s *section) error {
	switch {
	case p.region.block:
		return p.errorf("-- +goose %s within the -- +goose StatementBegin of line %d", name, p.region.line-1)
	case name == "Down" && p.section == nil:
		return p.errorf("-- +goose Down without -- +goose Up before it")
	case name == "Up" && p.section != nil, p.section == s:
		return p.errorf("a second -- +goose %s", name)
	}
	if p.section == nil {
		before := region{text: p.before.String(), line: 1}
		for _, s := range before.statements() {
			return migrationFault(p.file.name, s.line, "a statement before -- +goose Up, which no migration runs")
		}
		p.region.line = p.line + 1
	} else {
		p.endRegion()
	}
	p.section = s
	return nil
}

// statement starts or ends a block.
func (p *migrationParser) statement(begins bool) error {
	switch {
	case p.section == nil:
		return p.errorf("want -- +goose Up before -- +goose StatementBegin")
	case begins && p.region.block:
		return p.errorf("a second -- +goose StatementBegin; want -- +goose StatementEnd before it")
	case !begins && !p.region.block:
		return p.errorf("-- +goose StatementEnd without -- +goose StatementBegin before it")
	}
	p.endRegion()
	p.region.block = begins
	return nil
}

// endRegion adds the text to the section, and starts another region at the next line.
func (p *migrationParser) endRegion() {
	p.region.text = p.body.String()
	if len(p.region.envs) > 0 || len(sqltext.Split(p.region.text)) > 0 {
		p.section.regions = append(p.section.regions, p.region)
	}
	p.body.Reset()
	p.region = region{line: p.line + 1}
}
