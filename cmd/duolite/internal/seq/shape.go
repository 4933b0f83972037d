package seq

import (
	"go/ast"
	"slices"
	"strings"
)

// The statements of a :many method, as sqlc v1.31 writes them. QUERY, SCAN and other words in
// capitals differ between methods.
var (
	// Before the query, where it has a list of values.
	prologue = []pattern{
		newPattern(`query := CONSTANT`),
		newPattern(`var queryParams []interface{}`),
		newPattern(`queryParams = append(queryParams, PARAMETER)`),
		newPattern(`if len(LIST) > 0 {
			for _, v := range LIST {
				queryParams = append(queryParams, v)
			}
			query = strings.Replace(query, MARK, strings.Repeat(",?", len(LIST))[1:], 1)
		} else {
			query = strings.Replace(query, MARK, "NULL", 1)
		}`),
	}

	query = newPattern(`rows, err := QUERY`)

	// After the query. A statement may have several forms.
	epilogue = [][]pattern{
		{newPattern(`if err != nil { return nil, ERR }`)},
		{newPattern(`defer rows.Close()`)},
		{newPattern(`items := []ROW{}`), newPattern(`var items []ROW`)},
		{newPattern(`for rows.Next() {}`)}, // with loop in it
		{newPattern(`if err := rows.Close(); err != nil { return nil, ERR }`)},
		{newPattern(`if err := rows.Err(); err != nil { return nil, ERR }`)},
		{newPattern(`return items, nil`)},
	}

	loop = [][]pattern{
		{newPattern(`var VAR TYPE`)},
		{newPattern(`if err := SCAN; err != nil { return nil, ERR }`)},
		{newPattern(`items = append(items, ITEM)`)},
	}

	errPlain   = newPattern(`err`)
	errWrapped = newPattern(`fmt.Errorf(FORMAT, err)`)
)

// A shape has the parts of a :many method that differ between methods.
type shape struct {
	prologue []ast.Stmt
	// query is the call that returns the rows.
	query ast.Expr
	// row is the type of the elements that the method returns.
	row ast.Expr
	// scan reads a row into variable, which has the type typ. item is the element that is
	// returned: the variable or a pointer to it.
	variable, typ, scan, item ast.Expr
	// err is the expression that is returned for the error err: err itself, or a wrapped one.
	err ast.Expr
}

// readShape reads the parts of a method. It fails at the first statement that isn't the
// expected one.
func (f *file) readShape(method *ast.FuncDecl, row ast.Expr) (*shape, error) {
	s := &shape{row: row}
	rest := method.Body.List
	for len(rest) > 0 && matchesOne(prologue, rest[0], map[string]ast.Expr{}) {
		s.prologue = append(s.prologue, rest[0])
		rest = rest[1:]
	}
	if len(rest) == 0 {
		return nil, f.unknown(method, nil, query)
	}
	found := map[string]ast.Expr{"ROW": row}
	if !query.matches(rest[0], found) {
		return nil, f.unknown(method, rest[0], query)
	}
	if err := f.readAll(method, rest[1:], epilogue, found); err != nil {
		return nil, err
	}
	s.query, s.variable, s.typ = found["QUERY"], found["VAR"], found["TYPE"]
	s.scan, s.item, s.err = found["SCAN"], found["ITEM"], found["ERR"]
	return s, f.checkShape(method, s)
}

// readAll reads statements that have to be the wanted ones, one after the other.
func (f *file) readAll(method *ast.FuncDecl, stmts []ast.Stmt, wanted [][]pattern, found map[string]ast.Expr) error {
	for i, want := range wanted {
		if i == len(stmts) {
			return f.unknown(method, nil, want...)
		}
		stmt := stmts[i]
		each, isLoop := stmt.(*ast.ForStmt)
		if isLoop {
			head := *each
			head.Body = &ast.BlockStmt{}
			stmt = &head
		}
		if !matchesOne(want, stmt, found) {
			return f.unknown(method, stmts[i], want...)
		}
		if isLoop {
			if err := f.readAll(method, each.Body.List, loop, found); err != nil {
				return err
			}
		}
	}
	if len(stmts) > len(wanted) {
		return f.unknown(method, stmts[len(wanted)])
	}
	return nil
}

// checkShape looks at the expressions that readShape has found.
func (f *file) checkShape(method *ast.FuncDecl, s *shape) error {
	name := method.Name.Name
	met := func(e ast.Expr, want string) error {
		return f.errorAt(e, name, "met "+f.brief(e)+", want "+want+": "+notKnown)
	}
	variable := f.text(s.variable)
	switch {
	case !isCall(s.query, "ctx", f, "q.db.QueryContext", "db.QueryContext", "q.query"):
		return met(s.query, "q.db.QueryContext(ctx, ...), db.QueryContext(ctx, ...) or q.query(ctx, ...)")
	case !isCall(s.scan, "", f, "rows.Scan"):
		return met(s.scan, "rows.Scan(...)")
	case f.text(s.item) != variable && f.text(s.item) != "&"+variable:
		return met(s.item, variable+" or &"+variable)
	}
	wrapped := &ast.ExprStmt{X: s.err}
	if !errPlain.matches(wrapped, map[string]ast.Expr{}) && !errWrapped.matches(wrapped, map[string]ast.Expr{}) {
		return met(s.err, errPlain.text+" or "+errWrapped.text)
	}
	return nil
}

// isCall reports whether e calls one of the functions, with first as its first argument
// if it isn't "".
func isCall(e ast.Expr, first string, f *file, functions ...string) bool {
	call, ok := e.(*ast.CallExpr)
	if !ok || first != "" && (len(call.Args) == 0 || f.text(call.Args[0]) != first) {
		return false
	}
	return slices.Contains(functions, f.text(call.Fun))
}

func matchesOne(patterns []pattern, stmt ast.Stmt, found map[string]ast.Expr) bool {
	return slices.ContainsFunc(patterns, func(p pattern) bool { return p.matches(stmt, found) })
}

const notKnown = "this isn't how sqlc v1.31 writes a :many for database/sql"

// unknown returns the error about a statement that isn't one of the wanted ones. There may
// be no wanted one. A nil stmt is the end of the method.
func (f *file) unknown(method *ast.FuncDecl, stmt ast.Stmt, want ...pattern) error {
	var texts []string
	for _, p := range want {
		texts = append(texts, strings.Join(strings.Fields(p.text), " "))
	}
	if len(texts) == 0 {
		texts = []string{"the end"}
	}
	met, at := "the end", ast.Node(method)
	if stmt != nil {
		met, at = f.brief(stmt), stmt
	}
	return f.errorAt(at, method.Name.Name, "met "+met+", want "+strings.Join(texts, ", or ")+": "+notKnown)
}
