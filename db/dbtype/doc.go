// Package dbtype has column types that read and write the same on every engine:
// [Time] and [JSON]. They are what sqlc.yaml maps the declared column types
// datetime and json to.
//
//	overrides:
//	  - db_type: datetime
//	    go_type: {import: github.com/duolite/duolite/db/dbtype, type: Time}
//	  - db_type: datetime
//	    nullable: true
//	    go_type: {import: github.com/duolite/duolite/db/dbtype, type: Time, pointer: true}
package dbtype
