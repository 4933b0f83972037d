package seq

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
)

// A file is a file that sqlc wrote.
type file struct {
	name   string // of the file, without its folder
	source string
	fset   *token.FileSet
	tree   *ast.File
	// queries are the texts of the queries that begin here, by their names.
	queries map[string]queryText
	// methods are the methods of Queries.
	methods []*ast.FuncDecl
}

// A queryText is the constant that holds a query.
type queryText struct {
	value   ast.Expr
	command string   // :one, :many …
	lines   []string // of the SQL
}

// parse reads a file of sqlc's; path is for messages.
func parse(set *token.FileSet, path, name string, source []byte) (*file, error) {
	f := &file{name: name, source: string(source), fset: set, queries: map[string]queryText{}}
	var err error
	f.tree, err = parser.ParseFile(f.fset, path, source, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	for _, decl := range f.tree.Decls {
		switch decl := decl.(type) {
		case *ast.GenDecl:
			f.addQueries(decl)
		case *ast.FuncDecl:
			if receiver(decl) == "Queries" {
				f.methods = append(f.methods, decl)
			}
		}
	}
	return f, nil
}

// addQueries notes the constants that are queries: "-- name: ListBookmarks :many …".
func (f *file) addQueries(decl *ast.GenDecl) {
	if decl.Tok != token.CONST {
		return
	}
	for _, spec := range decl.Specs {
		for _, value := range spec.(*ast.ValueSpec).Values {
			first, rest, _ := strings.Cut(StringValue(value), "\n")
			words := strings.Fields(first)
			if len(words) == 4 && words[0] == "--" && words[1] == "name:" {
				f.queries[words[2]] = queryText{value, words[3], strings.Split(rest, "\n")}
			}
		}
	}
}

// StringValue returns the value of a constant string, or "". A string with a backtick is in
// several parts.
func StringValue(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		if s, err := strconv.Unquote(e.Value); err == nil {
			return s
		}
	case *ast.BinaryExpr:
		return StringValue(e.X) + StringValue(e.Y)
	}
	return ""
}

// receiver returns the name of the type that decl is a method of, or "".
func receiver(decl *ast.FuncDecl) string {
	if decl.Recv.NumFields() != 1 {
		return ""
	}
	if star, ok := decl.Recv.List[0].Type.(*ast.StarExpr); ok {
		if name, ok := star.X.(*ast.Ident); ok {
			return name.Name
		}
	}
	return ""
}

// text returns the source of node, unchanged.
func (f *file) text(node ast.Node) string {
	return f.source[f.fset.Position(node.Pos()).Offset:f.fset.Position(node.End()).Offset]
}

// brief returns the source of node for a message: in one line, and cut if it is long.
func (f *file) brief(node ast.Node) string {
	text := strings.Join(strings.Fields(f.text(node)), " ")
	if len(text) > 80 {
		text = text[:80] + "..."
	}
	return strconv.Quote(text)
}

func (f *file) errorAt(node ast.Node, query, problem string) error {
	return &Error{f.fset.Position(node.Pos()), query, problem}
}

// An Error is code of sqlc for which no iterator can be written.
type Error struct {
	// Pos is its position in a file that sqlc wrote.
	Pos token.Position
	// Query is the query's name, or "" if the error is about no query.
	Query string
	// Problem names the code that was found, and code that would have worked.
	Problem string
}

func (e *Error) Error() string {
	if e.Query == "" {
		return fmt.Sprintf("%s: %s", e.Pos, e.Problem)
	}
	return fmt.Sprintf("%s: %s: %s", e.Pos, e.Query, e.Problem)
}
