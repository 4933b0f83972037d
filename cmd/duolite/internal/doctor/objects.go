package doctor

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/duolite/duolite/cmd/duolite/internal/catalog"
	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/internal/sqltext"
)

// objects looks for views and triggers that don't compile. A trigger that doesn't makes statements on its
// table fail.
func (x *examination) objects(ctx context.Context) error {
	views, err := x.names(ctx, "SELECT name FROM sqlite_master WHERE type = 'view' ORDER BY name")
	if err != nil {
		return err
	}
	var broken []string // views
	for _, name := range views {
		problem, err := x.compile(ctx, "EXPLAIN SELECT * FROM "+catalog.Quote(name))
		if err != nil {
			return err
		}
		if problem == "" {
			continue
		}
		broken = append(broken, name)
		if err := x.broken(ctx, "view", name, "drop the view, or create it again with a SELECT that compiles", "the view doesn't compile: "+problem); err != nil {
			return err
		}
	}
	// SQLite stores the name of a trigger's table as the trigger has it, perhaps in another case.
	tables, err := x.names(ctx, `SELECT name FROM sqlite_master WHERE type IN ('table', 'view')
		AND name COLLATE NOCASE IN (SELECT tbl_name FROM sqlite_master WHERE type = 'trigger') ORDER BY name`)
	if err != nil {
		return err
	}
	for _, name := range tables {
		if slices.Contains(broken, name) || x.isUnenforced(name) { // its statements fail for another reason
			continue
		}
		if err := x.triggers(ctx, name); err != nil {
			return err
		}
	}
	return nil
}

// triggers compiles one statement of each kind on a table, with its triggers. On a view it compiles the kinds for which there are triggers.
func (x *examination) triggers(ctx context.Context, table string) error {
	columns, err := x.names(ctx, "SELECT name FROM pragma_table_xinfo(?) WHERE hidden = 0", table)
	if err != nil {
		return err
	}
	texts, err := x.names(ctx, "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ? COLLATE NOCASE", table)
	if err != nil {
		return err
	}
	var instead []string
	for _, text := range texts {
		instead = append(instead, insteadOf(text)...)
	}
	name := catalog.Quote(table)
	var sets []string // UPDATE OF is for some columns
	for _, column := range columns {
		sets = append(sets, catalog.Quote(column)+" = NULL")
	}
	for _, one := range []struct{ verb, statement string }{
		{"INSERT INTO", "INSERT INTO " + name + " (" + catalog.Quote(columns[0]) + ") VALUES (NULL)"},
		{"UPDATE", "UPDATE " + name + " SET " + strings.Join(sets, ", ")},
		{"DELETE FROM", "DELETE FROM " + name},
	} {
		if verb, _, _ := strings.Cut(one.verb, " "); len(instead) > 0 && !slices.Contains(instead, verb) {
			continue
		}
		problem, err := x.compile(ctx, "EXPLAIN "+one.statement)
		if err != nil {
			return err
		}
		if problem == "" {
			continue
		}
		if err := x.broken(ctx, "trigger", table, "drop the trigger, or create it again with statements that compile",
			one.verb+" "+table+" fails because of a trigger: "+problem); err != nil {
			return err
		}
	}
	return nil
}

// insteadOf returns the verb of the statements that a trigger on a view takes the place of, and nothing for a trigger on a table.
func insteadOf(text string) []string {
	tokens := slices.Collect(sqltext.CodeTokens(text))
	for i := range max(0, len(tokens)-2) {
		if strings.EqualFold(tokens[i].Text, "instead") && strings.EqualFold(tokens[i+1].Text, "of") {
			return []string{strings.ToUpper(tokens[i+2].Text)}
		}
	}
	return nil
}

// broken reports objects of a table, or a view, that don't compile.
func (x *examination) broken(ctx context.Context, kind, name, remedy, problem string) error {
	texts, err := x.names(ctx, "SELECT sql FROM sqlite_master WHERE type = ? AND tbl_name = ? COLLATE NOCASE", kind, name)
	if err != nil {
		return err
	}
	own, err := x.foreignName(ctx, strings.Join(texts, "\n"))
	if err != nil {
		return err
	}
	severity := Error
	if own != "" {
		severity, remedy = Note, ownRemedy(own)
	}
	x.found(severity, name, remedy, "%s", problem)
	return nil
}

// names returns the first column of a query.
func (x *examination) names(ctx context.Context, query string, args ...any) (names []string, err error) {
	err = catalog.Each(ctx, x.Pool, query, func(scan func(...any) error) error {
		var name string
		err := scan(&name)
		names = append(names, name)
		return err
	}, args...)
	return names, err
}

// compile returns SQLite's message if a statement doesn't compile, or "".
func (x *examination) compile(ctx context.Context, statement string, args ...any) (string, error) {
	rows, err := x.Pool.QueryContext(ctx, statement, args...)
	if err == nil {
		err = rows.Close()
	}
	if problem := sqlProblem(err); problem != "" {
		return problem, nil
	}
	return "", err
}

// sqlProblem returns SQLite's message if an error is about the text of a statement, or "".
func sqlProblem(err error) string {
	var e *db.Error
	if errors.As(err, &e) && (e.Kind == nil || errors.Is(err, db.ErrBadQuery)) {
		return e.Message
	}
	return ""
}
