package main

import "strings"

// suites lists all suites. docs/coming-from.md describes the results of these versions.
var suites = []suite{
	{
		name: "modernc", module: "modernc.org/sqlite", version: "v1.62.0", driver: "sqlite",
		patch: replacer("sql.Open(", "openSuite("),
	},
	{
		name: "mattn", module: "github.com/mattn/go-sqlite3", version: "v1.14.53", driver: "sqlite3", cgo: true,
		patch: replacer("sql.Open(", "openSuite("),
	},
	{
		name: "gorm", module: "gorm.io/gorm", version: "v1.31.2", folder: "DUOLITE_GORM_REPO", sub: "tests",
		driver: "sqlite3", cgo: true, all: true,
		patch: replacer("gorm.Open(sqlite.Open(", "gorm.Open(openGorm(sqlite.Open, "),
	},
}

func replacer(pairs ...string) func(string) string { return strings.NewReplacer(pairs...).Replace }

// The files that are added to the package of a suite. PACKAGE and DRIVER are placeholders.
const openFile = `package PACKAGE

import (
	"database/sql"
	"net/url"
	"os"
	"strings"

	duolite "github.com/duolite/duolite/db"
)

// openSuite is sql.Open, over the driver that the run is about.
func openSuite(name, dsn string) (*sql.DB, error) {
	if os.Getenv("DUOLITE_SUITE") != "duolite" || name != "DRIVER" {
		return sql.Open(name, dsn)
	}
	return sql.Open(duolite.DriverName, suiteURL(dsn))
}

// suiteURL removes the parameters that ask for a default of package db; see docs/coming-from.md.
func suiteURL(dsn string) string {
	path, query, found := strings.Cut(dsn, "?")
	if !found {
		return dsn
	}
	params, err := url.ParseQuery(query)
	if err != nil {
		return dsn
	}
	for name, values := range params {
		switch strings.ToLower(name + "=" + values[0]) {
		case "cache=shared", "_txlock=immediate", "_foreign_keys=1", "_foreign_keys=on", "_fk=1", "_fk=true",
			"_journal_mode=wal", "_pragma=journal_mode(wal)", "_pragma=foreign_keys(1)", "_pragma=foreign_keys(on)", "_loc=utc":
			delete(params, name)
		}
		if name == "_busy_timeout" || name == "_timeout" || name == "_stmt_cache_size" || strings.HasPrefix(values[0], "busy_timeout") {
			delete(params, name)
		}
	}
	if len(params) == 0 {
		return path
	}
	if !strings.HasPrefix(path, "file:") {
		path = "file:" + path
	}
	return path + "?" + params.Encode()
}
`

const gormFile = `package PACKAGE

import (
	"os"

	"gorm.io/driver/sqlite"
	"gorm.io/gorm"
)

// openGorm is sqlite.Open, over the driver that the run is about.
func openGorm(open func(string) gorm.Dialector, dsn string) gorm.Dialector {
	if os.Getenv("DUOLITE_SUITE") != "duolite" {
		return open(dsn)
	}
	return &sqlite.Dialector{DriverName: "duolite", DSN: suiteURL(dsn)}
}
`
