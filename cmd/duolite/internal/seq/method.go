package seq

import (
	"bytes"
	"fmt"
	"go/ast"
	"strings"
)

// A many is the method of a :many query.
type many struct {
	file   *file
	method *ast.FuncDecl
	text   queryText
	shape  *shape
}

// many returns the parts of a method, or nil if its query isn't a :many.
func (f *file) many(method *ast.FuncDecl) (*many, error) {
	name := method.Name.Name
	row := listOf(method)
	text, ok := f.queries[name]
	if !ok && row != nil {
		return nil, f.errorAt(method.Name, name, "it returns a list, and there is no constant with \"-- name: "+name+" :many\" here: "+notKnown)
	}
	if text.command != ":many" {
		return nil, nil
	}
	if row == nil || !f.startsWithContext(method) {
		return nil, f.errorAt(method.Name, name, "met "+f.brief(method.Type)+", want func (q *Queries) "+name+"(ctx context.Context, ...) ([]T, error): "+notKnown)
	}
	for _, field := range method.Type.Params.List {
		for _, ident := range field.Names {
			if ident.Name == "error" || ident.Name == "bool" {
				return nil, f.errorAt(ident, name, "a parameter is called "+ident.Name+", which hides Go's type in the iterator: name it by sqlc.arg, such as sqlc.arg("+ident.Name+"_value)")
			}
		}
	}
	s, err := f.readShape(method, row)
	if err != nil {
		return nil, err
	}
	return &many{f, method, text, s}, nil
}

// listOf returns T if method returns ([]T, error), or nil.
func listOf(method *ast.FuncDecl) ast.Expr {
	results := method.Type.Results
	if results.NumFields() != 2 || len(results.List) != 2 {
		return nil
	}
	list, ok := results.List[0].Type.(*ast.ArrayType)
	second, isIdent := results.List[1].Type.(*ast.Ident)
	if !ok || list.Len != nil || !isIdent || second.Name != "error" {
		return nil
	}
	return list.Elt
}

// startsWithContext reports whether method is (q *Queries) and begins with ctx
// context.Context.
func (f *file) startsWithContext(method *ast.FuncDecl) bool {
	params := method.Type.Params.List
	return f.text(method.Recv) == "(q *Queries)" && len(params) > 0 && f.text(params[0]) == "ctx context.Context"
}

// write writes the iterator.
func (m *many) write(out *bytes.Buffer) {
	f, s := m.file, m.shape
	name, row := m.method.Name.Name+Suffix, f.text(s.row)
	yield, none := unused(m.method, "yield"), unused(m.method, "none")
	end := fmt.Sprintf("%s(%s, %s)\n", yield, none, f.text(s.err))

	out.WriteByte('\n')
	m.writeDoc(out)
	fmt.Fprintf(out, "func (q *Queries) %s%s iter.Seq2[%s, error] {\n", name, f.text(m.method.Type.Params), row)
	fmt.Fprintf(out, "return func(%s func(%s, error) bool) {\nvar %s %s\n", yield, row, none, row)
	for _, stmt := range s.prologue {
		fmt.Fprintf(out, "%s\n", f.text(stmt))
	}
	fmt.Fprintf(out, "rows, err := %s\n", f.text(s.query))
	fmt.Fprintf(out, "if err != nil {\n%sreturn\n}\n", end)
	fmt.Fprintf(out, "defer rows.Close()\n")
	if variable := f.text(s.variable); m.reuses() {
		fmt.Fprintf(out, "var %s %s\nfor rows.Next() {\n%s = %s\n", variable, row, variable, none)
	} else {
		fmt.Fprintf(out, "for rows.Next() {\nvar %s %s\n", variable, f.text(s.typ))
	}
	fmt.Fprintf(out, "if err := %s; err != nil {\n%sreturn\n}\n", f.text(s.scan), end)
	fmt.Fprintf(out, "if !%s(%s, nil) {\nreturn\n}\n}\n", yield, f.text(s.item))
	fmt.Fprintf(out, "if err := rows.Close(); err != nil {\n%sreturn\n}\n", end)
	fmt.Fprintf(out, "if err := rows.Err(); err != nil {\n%s}\n", end)
	fmt.Fprintf(out, "}\n}\n")
}

// reuses reports whether one variable serves all rows. Scan lets a variable escape to the heap. A row
// is passed on as a copy, and the variable's name, which can be a column's, is free outside of the
// loop.
func (m *many) reuses() bool {
	variable := m.file.text(m.shape.variable)
	taken := variable == "rows" || variable == "err" || names(m.shape.prologue...)[variable]
	return m.file.text(m.shape.item) == variable && !taken
}

// writeDoc writes the comment of the query's method, and how this one differs.
func (m *many) writeDoc(out *bytes.Buffer) {
	name := m.method.Name.Name
	doc := m.doc()
	switch first, rest, _ := strings.Cut(strings.Join(doc, "\n"), " "); {
	case len(doc) == 0:
		doc = []string{name + Suffix + " is " + name + " row by row."}
	case first == name:
		doc = strings.Split(name+Suffix+" "+rest, "\n")
	default:
		doc = append([]string{name + Suffix + " is " + name + " row by row.", ""}, doc...)
	}
	doc = append(doc, "",
		"The query runs when a loop begins, each time anew, and its rows come one by one: they",
		"hold a connection until the loop ends. An error comes once, with a zero row, and ends it.")
	for _, line := range doc {
		fmt.Fprintf(out, "// %s\n", line)
	}
}

// doc returns the lines of the method's comment, without those that are for sqlc vet and
// dbcheck, and without the SQL that may follow.
func (m *many) doc() []string {
	if m.method.Doc == nil {
		return nil
	}
	var lines []string
	for _, c := range m.method.Doc.List {
		line := strings.TrimPrefix(strings.TrimPrefix(c.Text, "//"), " ")
		if !strings.HasPrefix(line, "@sqlc-") && !strings.HasPrefix(line, "dbcheck:") {
			lines = append(lines, line)
		}
	}
	lines = withoutSQL(lines, m.text.lines)
	for len(lines) > 0 && strings.TrimSpace(lines[len(lines)-1]) == "" {
		lines = lines[:len(lines)-1]
	}
	if len(lines) == 1 && lines[0] == m.method.Name.Name { // sqlc's, where there was no comment
		return nil
	}
	return lines
}

// withoutSQL cuts the SQL off the end of a comment. Only space may differ: gofmt formats
// comments.
func withoutSQL(comment, sql []string) []string {
	end := len(comment)
	for i := len(sql) - 1; i >= 0; i-- {
		want := strings.TrimSpace(sql[i])
		if want == "" {
			continue
		}
		for end > 0 && strings.TrimSpace(comment[end-1]) == "" {
			end--
		}
		if end == 0 || strings.TrimSpace(comment[end-1]) != want {
			return comment
		}
		end--
	}
	return comment[:end]
}

// addUses notes by which names the iterator uses packages.
func (m *many) addUses(uses map[string]bool) {
	nodes := []ast.Node{m.method.Type, m.shape.query, m.shape.typ, m.shape.scan, m.shape.err}
	for _, stmt := range m.shape.prologue {
		nodes = append(nodes, stmt)
	}
	for _, node := range nodes {
		for n := range ast.Preorder(node) {
			if selector, ok := n.(*ast.SelectorExpr); ok {
				if x, ok := selector.X.(*ast.Ident); ok {
					uses[x.Name] = true
				}
			}
		}
	}
}

// unused returns name, or name with underscores if node says name.
func unused(node ast.Node, name string) string {
	taken := names(node)
	for taken[name] {
		name += "_"
	}
	return name
}

// names returns the names that nodes say.
func names[N ast.Node](nodes ...N) map[string]bool {
	found := map[string]bool{}
	for _, node := range nodes {
		for n := range ast.Preorder(node) {
			if ident, ok := n.(*ast.Ident); ok {
				found[ident.Name] = true
			}
		}
	}
	return found
}
