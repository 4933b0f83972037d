package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"go.yaml.in/yaml/v3"
)

// A config is the part of sqlc's configuration that dbgen reads.
type config struct {
	path string // of the file
	dir  string // of its folder, absolute: paths in it begin there

	Version string  `yaml:"version"`
	Blocks  []block `yaml:"sql"`
}

// A block is an entry of sql: a schema, its queries, and the options of the code.
type block struct {
	Engine  string   `yaml:"engine"`
	Schema  paths    `yaml:"schema"`
	Queries paths    `yaml:"queries"`
	Rules   []string `yaml:"rules"`
	Gen     struct {
		Go *goOptions `yaml:"go"`
	} `yaml:"gen"`
}

type goOptions struct {
	Out        string `yaml:"out"`
	Package    string `yaml:"package"`
	DBArgument bool   `yaml:"emit_methods_with_db_argument"`
}

// packageName returns the name that sqlc gives the package.
func (o *goOptions) packageName() string {
	if o.Package != "" {
		return o.Package
	}
	return filepath.Base(filepath.Clean(o.Out))
}

// ours reports whether dbgen makes iterators for the block, and checks it. Other blocks are left to
// sqlc.
func (b block) ours() bool {
	return b.Engine == "sqlite" && b.Gen.Go != nil
}

// paths are one or several.
type paths []string

func (p *paths) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind != yaml.ScalarNode {
		return node.Decode((*[]string)(p))
	}
	var one string
	if err := node.Decode(&one); err != nil {
		return err
	}
	*p = paths{one}
	return nil
}

// readConfig reads file, or the configuration in the current folder if file is "".
func readConfig(file string) (*config, error) {
	if file == "" {
		var err error
		if file, err = findConfig(); err != nil {
			return nil, err
		}
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, badUsage("%v", err)
	}
	c := &config{path: file}
	// JSON is YAML too.
	if err := yaml.Unmarshal(text, c); err != nil {
		return nil, badUsage("%s: %v", file, err)
	}
	full, err := filepath.Abs(file)
	if err != nil {
		return nil, err
	}
	c.dir = filepath.Dir(full)
	return c, c.check()
}

// findConfig looks where sqlc does.
func findConfig() (string, error) {
	for _, name := range []string{"sqlc.yaml", "sqlc.yml", "sqlc.json"} {
		if _, err := os.Stat(name); !errors.Is(err, fs.ErrNotExist) {
			return name, err
		}
	}
	return "", badUsage("no sqlc.yaml, sqlc.yml or sqlc.json here: run dbgen in its folder, or name it with -f")
}

func (c *config) check() error {
	if c.Version != "2" {
		return badUsage("%s: version is %q: want \"2\"", c.path, c.Version)
	}
	outs := map[string]bool{}
	for i, b := range c.Blocks {
		if len(b.Schema) == 0 || len(b.Queries) == 0 {
			return badUsage("%s: sql[%d]: want schema and queries", c.path, i)
		}
		if !b.ours() {
			continue
		}
		out := filepath.Clean(b.Gen.Go.Out)
		switch {
		case b.Gen.Go.Out == "":
			return badUsage("%s: sql[%d].gen.go: want out, a folder for the code alone", c.path, i)
		case b.Gen.Go.packageName() == "main":
			return badUsage("%s: sql[%d].gen.go: the package main can't be imported, nor checked: want another package, and a folder of its own as out", c.path, i)
		case filepath.IsAbs(out):
			return badUsage("%s: sql[%d].gen.go.out: %s is absolute: want a path from the folder of %s", c.path, i, out, filepath.Base(c.path))
		case outs[out]:
			return badUsage("%s: sql[%d].gen.go.out: %s is another block's: sqlc would write over its files", c.path, i, out)
		}
		outs[out] = true
	}
	if len(outs) == 0 {
		return badUsage("%s: nothing to do: want an entry of sql with engine: sqlite and gen: go", c.path)
	}
	return nil
}

// absolute is the path of the configuration.
func (c *config) absolute() string {
	return filepath.Join(c.dir, filepath.Base(c.path))
}

// vets reports whether sqlc vet has something to do.
func (c *config) vets() bool {
	for _, b := range c.Blocks {
		if len(b.Rules) > 0 {
			return true
		}
	}
	return false
}
