// Command api prints the API of the public packages, one exported object a line, so that a change
// of the API is a change of docs/api.txt. Run it in the folder tools.
package main

import (
	"fmt"
	"go/types"
	"log"
	"os"
	"slices"

	"golang.org/x/tools/go/packages"
)

var public = []string{"./db", "./db/dbtype", "./db/dbtest", "./db/dbcheck", "./db/clientgo", "./db/dbunicode", "./db/sqlitevec", "./db/dbtrace"}

func main() {
	log.SetFlags(0)
	log.SetPrefix("api: ")
	loaded, err := packages.Load(&packages.Config{Dir: "..", Mode: packages.NeedName | packages.NeedTypes | packages.NeedImports | packages.NeedDeps,
		Env: append(os.Environ(), "GOOS=linux", "GOARCH=amd64", "CGO_ENABLED=0")}, public...)
	if err != nil {
		log.Fatal(err)
	}
	if packages.PrintErrors(loaded) > 0 {
		os.Exit(1)
	}
	for _, pkg := range loaded {
		for _, line := range slices.Compact(slices.Sorted(slices.Values(objects(pkg.Types)))) {
			fmt.Printf("%s: %s\n", pkg.Name, line)
		}
	}
}

// objects returns a line for each exported object of a package: the names of a scope, the methods
// and the exported fields of its types.
func objects(pkg *types.Package) (lines []string) {
	for _, name := range pkg.Scope().Names() {
		object := pkg.Scope().Lookup(name)
		if !object.Exported() {
			continue
		}
		typeName, is := object.(*types.TypeName)
		if !is {
			lines = append(lines, describe(pkg, object))
			continue
		}
		lines = append(lines, ofType(pkg, typeName)...)
	}
	return lines
}

// ofType returns the lines of a type. The methods of embedded types are not the package's own.
func ofType(pkg *types.Package, object *types.TypeName) []string {
	qualifier := types.RelativeTo(pkg)
	line := "type " + types.TypeString(object.Type(), qualifier)
	named, is := object.Type().(*types.Named)
	if !is {
		return []string{line + " = " + types.TypeString(types.Unalias(object.Type()), qualifier)}
	}
	lines := members(pkg, object.Name(), named.Underlying(), line)
	for method := range named.Methods() {
		if method.Exported() {
			lines = append(lines, describe(pkg, method))
		}
	}
	return lines
}

// members returns the line of a type, and a line for each exported field.
func members(pkg *types.Package, name string, underlying types.Type, line string) []string {
	s, is := underlying.(*types.Struct)
	if !is {
		return []string{line + " " + types.TypeString(underlying, types.RelativeTo(pkg))}
	}
	lines := []string{line + " struct"}
	for field := range s.Fields() {
		if field.Exported() {
			lines = append(lines, fmt.Sprintf("field %s.%s %s", name, field.Name(), types.TypeString(field.Type(), types.RelativeTo(pkg))))
		}
	}
	return lines
}

// describe returns a declaration. A constant has its value, since programs compile it in.
func describe(pkg *types.Package, object types.Object) string {
	qualifier := types.RelativeTo(pkg)
	if c, is := object.(*types.Const); is {
		return fmt.Sprintf("const %s %s = %s", c.Name(), types.TypeString(c.Type(), qualifier), c.Val().ExactString())
	}
	return types.ObjectString(object, qualifier)
}
