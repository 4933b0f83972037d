package trial

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbcheck/internal/source"
	"github.com/duolite/duolite/internal/sqltext"
)

// Refused has the server compile statements, and returns the error of each, nil if the server
// compiles it. It fails if the server can't be asked.
func (d *Databases) Refused(texts []string) (map[string]error, error) {
	tx, err := d.beginOnServer()
	if err != nil {
		return nil, err
	}
	defer tx.Rollback()
	refused := map[string]error{}
	for _, text := range texts {
		if refused[text], err = compileOnServer(d.ctx, tx, text); err != nil {
			return nil, err
		}
	}
	return refused, nil
}

// compileOnServer returns the server's error about a statement. It fails if the server gives no answer.
func compileOnServer(ctx context.Context, tx *sql.Tx, text string) (refused, err error) {
	if err = compile(ctx, tx, text); err == nil {
		return nil, nil
	}
	if e, ok := errors.AsType[*db.Error](err); ok && e.Kind == nil {
		return err, nil
	}
	return nil, fmt.Errorf("the server: %w", err)
}

// beginOnServer begins a transaction in which there is the schema.
func (d *Databases) beginOnServer() (*sql.Tx, error) {
	objects, err := readObjects(d.ctx, d.Server)
	if err != nil {
		return nil, fmt.Errorf("the server: %w", err)
	}
	objects = slices.DeleteFunc(objects, Object.isKept)
	if len(objects) > 0 {
		if err := d.sameSchema(objects); err != nil {
			return nil, err
		}
	}
	tx, err := d.Server.BeginTx(d.ctx, &sql.TxOptions{ReadOnly: len(objects) > 0})
	if err != nil {
		return nil, fmt.Errorf("the server: %w", err)
	}
	if len(objects) > 0 {
		return tx, nil
	}
	names, scripts, err := source.ReadSchema(d.Schema)
	for i := 0; err == nil && i < len(scripts); i++ {
		if _, err = tx.ExecContext(d.ctx, inTransaction(scripts[i])); err != nil {
			err = fmt.Errorf("schema %s on the server: %w", names[i], err)
		}
	}
	if err != nil {
		return nil, errors.Join(err, tx.Rollback())
	}
	return tx, nil
}

// inTransaction returns a script without the statements that can't run in a transaction and
// don't change the schema.
func inTransaction(script string) string {
	var b strings.Builder
	for _, stmt := range sqltext.Split(script) {
		switch stmt.Kind {
		case sqltext.Other, sqltext.Read, sqltext.Insert, sqltext.Change:
			b.WriteString(stmt.Text + "\n;\n")
		}
	}
	return b.String()
}

// sameSchema fails if the server's database isn't one that the schema makes.
func (d *Databases) sameSchema(there []Object) error {
	refuse := func(o Object, problem string) error {
		return fmt.Errorf("the server's database is neither empty nor of this schema: the %s %s %s; "+
			"give one that is empty, or that has all migrations", o.Kind, o.Name, problem)
	}
	for _, o := range d.objects {
		switch i := slices.IndexFunc(there, o.isNamed); {
		case o.isKept() || d.isServers(o):
		case i < 0:
			return refuse(o, "isn't there")
		case !slices.Equal(tokensOf(there[i].Text), tokensOf(o.Text)):
			return refuse(o, "is another one")
		}
	}
	for _, o := range there {
		if !slices.ContainsFunc(d.objects, o.isNamed) && !d.isServers(o) {
			return refuse(o, "isn't in the schema")
		}
	}
	return nil
}

func (o Object) isNamed(other Object) bool { return other.Kind == o.Kind && other.Name == o.Name }

// isKept reports whether SQLite, the server or goose keeps the object for itself.
func (o Object) isKept() bool {
	for _, prefix := range []string{"sqlite_", "libsql_", "goose_db_version"} {
		if strings.HasPrefix(o.on, prefix) || strings.HasPrefix(o.Name, prefix) {
			return true
		}
	}
	return false
}

// isServers reports whether a statement of the schema that only the server knows may have
// made the object, or changed it.
func (d *Databases) isServers(o Object) bool {
	return slices.ContainsFunc(d.serverOnly, func(text string) bool {
		return slices.ContainsFunc(tokensOf(text), func(token string) bool {
			name := sqltext.Unquote(token)
			return strings.EqualFold(name, o.Name) || strings.EqualFold(name, o.on) || strings.EqualFold(name+"_shadow", o.on)
		})
	})
}

// tokensOf returns the text without white space and comments.
func tokensOf(text string) (tokens []string) {
	for t := range sqltext.CodeTokens(text) {
		tokens = append(tokens, t.Text)
	}
	return tokens
}
