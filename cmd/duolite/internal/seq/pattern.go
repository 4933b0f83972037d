package seq

import (
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"strings"
)

// A pattern is a statement in which names in capitals stand for any expression. The
// same name stands for the same expression.
type pattern struct {
	text string
	stmt ast.Stmt
}

func newPattern(text string) pattern {
	file, err := parser.ParseFile(token.NewFileSet(), "", "package p; func f() {\n"+text+"\n}", parser.SkipObjectResolution)
	if err != nil {
		panic(err) // it is a constant of this package
	}
	return pattern{text, file.Decls[0].(*ast.FuncDecl).Body.List[0]}
}

// matches reports whether stmt matches p, and adds to found the expressions that the names in
// capitals stand for. A name that is there already must stand for the same expression.
func (p pattern) matches(stmt ast.Stmt, found map[string]ast.Expr) bool {
	return same(reflect.ValueOf(p.stmt), reflect.ValueOf(stmt), found)
}

// same compares two syntax trees, without regard to where they are in a file. Without
// found, capitals are letters like others.
func same(want, got reflect.Value, found map[string]ast.Expr) bool {
	if want.Kind() == reflect.Interface {
		if want.IsNil() || got.IsNil() {
			return want.IsNil() && got.IsNil()
		}
		return same(want.Elem(), got.Elem(), found)
	}
	if name, ok := placeholder(want); ok && found != nil {
		return bind(name, got, found)
	}
	if want.Type() != got.Type() {
		return false
	}
	switch want.Kind() {
	case reflect.Pointer:
		if want.IsNil() || got.IsNil() {
			return want.IsNil() && got.IsNil()
		}
		return same(want.Elem(), got.Elem(), found)
	case reflect.Slice:
		if want.Len() != got.Len() {
			return false
		}
		for i := range want.Len() {
			if !same(want.Index(i), got.Index(i), found) {
				return false
			}
		}
		return true
	case reflect.Struct:
		for i := range want.NumField() {
			if !incidental(want.Type().Field(i).Type) && !same(want.Field(i), got.Field(i), found) {
				return false
			}
		}
		return true
	default:
		return want.Equal(got)
	}
}

// placeholder returns the name of a node of a pattern that stands for any expression.
func placeholder(node reflect.Value) (string, bool) {
	if node.Kind() != reflect.Pointer || node.IsNil() {
		return "", false
	}
	ident, ok := node.Interface().(*ast.Ident)
	if !ok || ident.Name == "_" || ident.Name != strings.ToUpper(ident.Name) {
		return "", false
	}
	return ident.Name, true
}

func bind(name string, got reflect.Value, found map[string]ast.Expr) bool {
	expr, ok := got.Interface().(ast.Expr)
	if !ok {
		return false
	}
	if before, ok := found[name]; ok {
		return same(reflect.ValueOf(before), got, nil)
	}
	found[name] = expr
	return true
}

// incidental reports whether fields of a type have no effect on a program.
func incidental(t reflect.Type) bool {
	return t == reflect.TypeFor[token.Pos]() || t == reflect.TypeFor[*ast.CommentGroup]()
}
