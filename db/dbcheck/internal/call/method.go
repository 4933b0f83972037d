package call

import (
	"context"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"iter"
	"reflect"
	"runtime"
	"slices"
	"strings"

	"github.com/duolite/duolite/db/dbcheck/internal/value"
)

// A Method is a method that sqlc generated, or a method made of one, such as an iterator.
type Method struct {
	Name    string
	pc      uintptr       // its code
	fn      reflect.Value // bound to its receiver
	params  []reflect.Type
	Args    []Argument
	samples value.Samples
	// NamesKnown: the names of the arguments are known.
	NamesKnown bool
	dbtx       reflect.Value // for a parameter of the type DBTX
}

// An Argument is one argument of a query: a field of the method's Params, or a parameter.
type Argument struct {
	Name  string
	Type  reflect.Type // of a slice's elements, if it is one
	Slice bool
	param int
	field []int // nil if the parameter itself is it
}

var (
	contextType = reflect.TypeFor[context.Context]()
	errorType   = reflect.TypeFor[error]()
)

// NewMethod reads a method's parameters. It returns nil for a method without a
// context, as methods of queries always have one.
func NewMethod(m reflect.Method, receiver, dbtx reflect.Value, s value.Samples) *Method {
	out := &Method{Name: m.Name, pc: m.Func.Pointer(), fn: receiver.Method(m.Index), dbtx: dbtx, samples: s, NamesKnown: true}
	t := out.fn.Type()
	if t.NumIn() == 0 || t.In(0) != contextType || t.IsVariadic() {
		return nil
	}
	scalars := 0
	for i := range t.NumIn() {
		p := t.In(i)
		out.params = append(out.params, p)
		if i == 0 || p == dbtx.Type() {
			continue
		}
		if s, ok := paramsStruct(p, receiver.Type().Elem().PkgPath()); ok {
			for f := range s.NumField() {
				out.Args = append(out.Args, newArgument(s.Field(f).Name, s.Field(f).Type, i, []int{f}))
			}
			continue
		}
		out.Args = append(out.Args, newArgument("", p, i, nil))
		scalars++
	}
	if scalars > 0 && len(out.Args) > 1 {
		out.NamesKnown = out.readNames()
	}
	return out
}

func newArgument(name string, t reflect.Type, param int, field []int) Argument {
	l := Argument{name, t, false, param, field}
	if t.Kind() == reflect.Slice && t.Name() == "" && t.Elem().Kind() != reflect.Uint8 {
		l.Type, l.Slice = t.Elem(), true
	}
	return l
}

// paramsStruct returns the struct that sqlc makes of several parameters.
func paramsStruct(t reflect.Type, pkg string) (reflect.Type, bool) {
	t = value.Pointed(t)
	return t, t.Kind() == reflect.Struct && t.PkgPath() == pkg && strings.HasSuffix(t.Name(), "Params")
}

// Position returns the file and line of the method's source.
func (m *Method) Position() (file string, line int) {
	return runtime.FuncForPC(m.pc).FileLine(m.pc)
}

// IsGenerated reports whether the method's file isn't written by hand. A file that can't be read counts as
// generated.
func (m *Method) IsGenerated() bool {
	file, _ := m.Position()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.PackageClauseOnly|parser.ParseComments)
	return err != nil || ast.IsGenerated(parsed)
}

// readNames reads the parameters' names in the Go source, as reflection doesn't have them.
func (m *Method) readNames() bool {
	file, _ := m.Position()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	if err != nil {
		return false
	}
	for _, decl := range parsed.Decls {
		f, ok := decl.(*ast.FuncDecl)
		if !ok || f.Recv == nil || f.Name.Name != m.Name {
			continue
		}
		var names []string
		for _, field := range f.Type.Params.List {
			for _, name := range field.Names {
				names = append(names, name.Name)
			}
		}
		if len(names) != len(m.params) {
			return false
		}
		for i := range m.Args {
			if m.Args[i].field == nil {
				m.Args[i].Name = names[m.Args[i].param]
			}
		}
		return true
	}
	return false
}

// A Given has the values that an argument is given: one, or any number for a slice.
type Given []reflect.Value

// Call calls the method, and returns its result and its error. An iterator
// is run to its end, and its items are returned as a slice.
func (m *Method) Call(ctx context.Context, values []Given) (result reflect.Value, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("it panics: %v", p)
		}
	}()
	in := make([]reflect.Value, len(m.params))
	for i, p := range m.params {
		switch {
		case i == 0:
			in[i] = reflect.ValueOf(ctx)
		case p == m.dbtx.Type():
			in[i] = m.dbtx
		default:
			in[i] = reflect.New(p).Elem()
		}
	}
	for i, l := range m.Args {
		l.set(in[l.param], values[i])
	}
	return m.results(m.fn.Call(in))
}

func (l Argument) set(param reflect.Value, v Given) {
	if l.field != nil {
		if param.Kind() == reflect.Pointer && param.IsNil() {
			param.Set(reflect.New(param.Type().Elem()))
		}
		param = reflect.Indirect(param).FieldByIndex(l.field)
	}
	if !l.Slice {
		param.Set(v[0])
		return
	}
	param.Set(reflect.MakeSlice(param.Type(), 0, len(v)))
	for _, elem := range v {
		param.Set(reflect.Append(param, elem))
	}
}

func (m *Method) results(out []reflect.Value) (result reflect.Value, err error) {
	if len(out) == 1 && isIterator(out[0].Type()) {
		return collect(out[0])
	}
	for _, v := range out {
		if v.Type() == errorType {
			err, _ = v.Interface().(error)
		} else {
			result = v
		}
	}
	return result, err
}

// isIterator reports whether t is an iter.Seq2 of items and errors.
func isIterator(t reflect.Type) bool {
	return t.Kind() == reflect.Func && t.CanSeq2() && t.In(0).In(1) == errorType
}

func collect(seq reflect.Value) (reflect.Value, error) {
	items := reflect.MakeSlice(reflect.SliceOf(seq.Type().In(0).In(0)), 0, 8)
	var all iter.Seq2[reflect.Value, reflect.Value] = seq.Seq2()
	for item, err := range all {
		if !err.IsNil() {
			return items, err.Interface().(error)
		}
		items = reflect.Append(items, item)
	}
	return items, nil
}

// Lengths returns the numbers of values with which slices are tried.
func (m *Method) Lengths() []int {
	if slices.ContainsFunc(m.Args, func(l Argument) bool { return l.Slice }) {
		return []int{3, 0, 1}
	}
	return []int{1}
}

// Called returns the argument's name in a message.
func (l Argument) Called() string {
	if l.Name == "" {
		return "its argument"
	}
	return l.Name
}
