package gen

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/duolite/duolite/cmd/duolite/internal/usage"

	"go.yaml.in/yaml/v3"
)

// A config is the part of sqlc's configuration that duolite gen reads.
type config struct {
	path string // of the file
	dir  string // of its folder, absolute: paths in it begin there
	text []byte // of the file

	Version  string       `yaml:"version"`
	Blocks   []block      `yaml:"sql"`
	Packages []packageOne `yaml:"packages"` // of version 1
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

	// schemaFiles and queryFiles are the files of Schema and Queries, if the block is ours.
	schemaFiles, queryFiles []string
}

type goOptions struct {
	Out        string `yaml:"out"`
	Package    string `yaml:"package"`
	DBArgument bool   `yaml:"emit_methods_with_db_argument"`
}

// A packageOne is an entry of packages, which version 1 of the configuration has instead of sql.
type packageOne struct {
	block      `yaml:",inline"`
	Name       string `yaml:"name"`
	Path       string `yaml:"path"`
	DBArgument bool   `yaml:"emit_methods_with_db_argument"`
}

// packageName returns the name of the package of the code.
func (o *goOptions) packageName() string {
	return cmp.Or(o.Package, filepath.Base(filepath.Clean(o.Out)))
}

// ours reports whether duolite gen makes the code of the block. It leaves the others alone.
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
		return nil, usage.Errorf("%v", err)
	}
	c := &config{path: file, text: text}
	// JSON is YAML too.
	if err := yaml.Unmarshal(text, c); err != nil {
		return nil, usage.Errorf("%s: %v", file, err)
	}
	full, err := filepath.Abs(file)
	if err != nil {
		return nil, err
	}
	c.dir = filepath.Dir(full)
	if c.Version == "1" {
		for _, p := range c.Packages {
			p.Gen.Go = &goOptions{Out: p.Path, Package: p.Name, DBArgument: p.DBArgument}
			c.Blocks = append(c.Blocks, p.block)
		}
	}
	if err := c.check(); err != nil {
		return nil, err
	}
	for i, b := range c.Blocks {
		if !b.ours() {
			continue
		}
		if c.Blocks[i].schemaFiles, err = b.Schema.files(c.dir); err != nil {
			return nil, err
		}
		if c.Blocks[i].queryFiles, err = b.Queries.files(c.dir); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// findConfig looks where sqlc does.
func findConfig() (string, error) {
	for _, name := range []string{"sqlc.yaml", "sqlc.yml", "sqlc.json"} {
		if _, err := os.Stat(name); !errors.Is(err, fs.ErrNotExist) {
			return name, err
		}
	}
	return "", usage.Errorf("no sqlc.yaml, sqlc.yml or sqlc.json here: run duolite in its folder, or name it with -f")
}

// entries is the name of the list of blocks in the file.
func (c *config) entries() string {
	if c.Version == "1" {
		return "packages"
	}
	return "sql"
}

func (c *config) check() error {
	if c.Version != "1" && c.Version != "2" {
		return usage.Errorf("%s: version is %q: want \"1\" or \"2\"", c.path, c.Version)
	}
	outs := map[string]bool{}
	for i, b := range c.Blocks {
		if !b.ours() {
			continue
		}
		at := fmt.Sprintf("%s: %s[%d]", c.path, c.entries(), i)
		out := filepath.Clean(b.Gen.Go.Out)
		switch {
		case len(b.Schema) == 0 || len(b.Queries) == 0:
			return usage.Errorf("%s: want schema and queries", at)
		case b.Gen.Go.Out == "":
			return usage.Errorf("%s: want the folder of the code: gen.go.out, or path in version 1", at)
		case filepath.IsAbs(out):
			return usage.Errorf("%s: %s is absolute: want a path from the folder of %s", at, out, filepath.Base(c.path))
		case outs[out]:
			return usage.Errorf("%s: %s is the folder of another entry's code: sqlc would write over its files", at, out)
		}
		outs[out] = true
	}
	if len(outs) == 0 {
		return usage.Errorf("%s: nothing to do: want an entry of sql with engine: sqlite and gen: go", c.path)
	}
	return nil
}

// ours returns the blocks whose code duolite gen makes.
func (c *config) ours() []block {
	return slices.DeleteFunc(slices.Clone(c.Blocks), func(b block) bool { return !b.ours() })
}

// ourText returns the configuration without the entries of other engines: they may need a server or
// a plugin.
func (c *config) ourText() ([]byte, error) {
	if len(c.ours()) == len(c.Blocks) {
		return c.text, nil
	}
	var all map[string]any
	if err := yaml.Unmarshal(c.text, &all); err != nil {
		return nil, err
	}
	var kept []any
	for i, entry := range all[c.entries()].([]any) {
		if c.Blocks[i].ours() {
			kept = append(kept, entry)
		}
	}
	all[c.entries()] = kept
	return json.Marshal(all) // which is YAML
}

// absolute is the path of the configuration.
func (c *config) absolute() string {
	return filepath.Join(c.dir, filepath.Base(c.path))
}

// vets reports whether sqlc vet has something to do.
func (c *config) vets() bool {
	return slices.ContainsFunc(c.ours(), func(b block) bool { return len(b.Rules) > 0 })
}
