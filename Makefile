# The verbs of the project; `make` alone lists them. CI calls the same ones.

MODULE := github.com/duolite/duolite
TOOL   := go tool -modfile=tools/go.mod
# sqlc builds without cgo, where its parser runs as WebAssembly: no C compiler is
# needed. Its first build takes some minutes; Go caches it.
SQLC   := CGO_ENABLED=0 $(TOOL) sqlc
DBGEN  := go run ./cmd/dbgen --sqlc "$(TOOL) sqlc"
# The race detector is cgo, and so needs a C compiler.
RACE   := $(if $(shell command -v gcc || command -v clang),CGO_ENABLED=1 go test -race,CGO_ENABLED=0 go test)
# The Go after the one of go.mod, with which all that is stored and found must be the same.
NEXTGO   := go1.27.1
FUZZTIME ?= 30s
SOAKTIME ?= 10m

export GOFLAGS := -mod=readonly

.DEFAULT_GOAL := help
.PHONY: help run build quick test test-next cover microbench bench bench-full bench-draw rent fuzz soak mutants suites generate verify differences check format lint layers allocations tools clean

help: ## list the verbs
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build ## build marks, import examples/bookmarks.html into marks.db, list and search it
	@PATH="$(CURDIR)/bin:$$PATH" sh examples/tour.sh

build: ## build bin/marks
	@CGO_ENABLED=0 go build -trimpath -o bin/ ./cmd/marks

# -short, as tests that start a server or take long skip themselves there.
quick: ## run the tests that need no server, without the race detector
	@CGO_ENABLED=0 go test -short -timeout 5m ./...

test: ## run all tests, on SQLite files, in memory, and on real libSQL servers
	@# Once, and not by each package. Without a server its tests are skipped, in CI they fail.
	@go run ./db/dbtest/cmd/sqld > /dev/null || test "$$CI" != true
	$(RACE) -timeout 30m ./...
	@# With the race detector these take a tenth of the bookmarks, and of the rows.
	CGO_ENABLED=0 go test -timeout 30m -run '^TestLarge' ./cmd/marks ./cmd/dbgen/internal/seq
	@# Modules of their own, so that OpenTelemetry and others aren't in ours.
	cd examples/otelsql && CGO_ENABLED=0 go test ./...
	cd examples/wrappers && CGO_ENABLED=0 go test ./...
	cd bench && CGO_ENABLED=0 go test ./internal/...
	@# A driver in C, where there is a C compiler.
	$(if $(shell command -v gcc || command -v clang),cd bench && CGO_ENABLED=1 go test ./internal/beside)

test-next: ## run the tests of db, dbtype, the gate, dbgen and the conformance suite with the next Go
	@# Where its toolchain can't be downloaded nothing is run, and in CI that fails.
	@if GOTOOLCHAIN=$(NEXTGO) go version; then \
	  GOTOOLCHAIN=$(NEXTGO) CGO_ENABLED=0 go test -timeout 30m ./db ./db/dbtype/... ./db/dbcheck/... ./db/internal/... ./db/dbtest/conformance ./cmd/dbgen/...; \
	else \
	  echo "skipped: there is no $(NEXTGO) here, and it can't be downloaded"; test "$$CI" != true; \
	fi

cover: ## run all tests and print the coverage of the code that is written by hand
	@mkdir -p bin
	@go test -coverpkg=./... -coverprofile=bin/cover.all ./... > bin/cover.log || { cat bin/cover.log; exit 1; }
	@grep -vE '/db/(dbsqlc|dbcheck/internal/cases)/' bin/cover.all > bin/cover.out
	@go tool cover -func=bin/cover.out | tail -1

microbench: ## measure single calls on each kind of database, by go test -bench
	CGO_ENABLED=0 go test -run '^$$' -bench . -benchmem ./db ./queries

# A module of its own, so that no peer is in ours. Who can't be built here is left out.
bench: ## measure duolite beside its peers for some minutes, and draw docs/performance.md
	cd bench && go run .

bench-full: ## the same, with more of all, for some 50 minutes
	cd bench && go run . -full

bench-draw: ## draw docs/performance.md from the full results that were kept
	cd bench && go run . -full -draw

rent: ## measure what the page cache, kept locks, caches and the like save, with and without each
	@cd bench && go run . -rent

fuzz: ## run each fuzz test for FUZZTIME (30s)
	@for package in $$(go list ./...); do \
	  for target in $$(go test -list '^Fuzz' $$package | grep ^Fuzz); do \
	    echo "$$package $$target"; \
	    go test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) $$package || exit 1; \
	  done; \
	done

soak: ## run the tests that depend on chance for SOAKTIME (10m) each: faults, crashes, contention
	DUOLITE_SOAK=$(SOAKTIME) CGO_ENABLED=0 go test -count=1 -timeout 0 -v ./db/dbtest/faults ./db/dbtest/soak

mutants: ## break the code that keeps the promises, and want a test to notice
	@bash tools/mutants.sh

suites: ## run other drivers' and libraries' own tests over ours; DUOLITE_GORM_REPO=FOLDER adds GORM's
	go run -C tools ./suites

generate: ## write db/dbsqlc, and that of bench, anew from schema/ and queries/, and check that it is right
	@$(DBGEN)
	@$(DBGEN) -f bench/sqlc.yaml

verify: ## fail if the generated code isn't what schema/ and queries/ give, or isn't right
	@$(DBGEN) --check
	@$(DBGEN) --check -f bench/sqlc.yaml

differences: ## write docs/differences.md from the conformance suite's table
	@mkdir -p bin && go run ./db/dbtest/cmd/differences > bin/differences.md && mv bin/differences.md docs/differences.md

check: format lint layers verify allocations ## check format, vet, staticcheck, the layers, the generated code and allocations

format:
	@files=$$(gofmt -l $$(git ls-files '*.go')); \
	test -z "$$files" || { echo "not formatted (gofmt -w):"; echo "$$files"; exit 1; } >&2

lint:
	go vet ./...
	$(TOOL) staticcheck ./...
	go mod verify
	go mod tidy -diff
	cd examples/otelsql && go vet ./... && go mod tidy -diff
	cd examples/wrappers && go vet ./... && go mod tidy -diff
	cd tools && go vet ./suites
	@# Of what needs no C compiler.
	cd bench && CGO_ENABLED=0 go vet $$(CGO_ENABLED=0 go list ./... | grep -v /golibsql) && go mod tidy -diff

# db knows engines and no tables, db/dbsqlc knows tables and no engines; only cmd and
# tests join them.
layers:
	@! go list -f '{{.ImportPath}}: {{join .Imports " "}} ' $$(go list ./db/... | grep -v '/db/dbsqlc$$') | \
	  grep -E ' $(MODULE)/(db/dbsqlc|schema|queries|cmd)' || { echo "db must know no tables" >&2; exit 1; }
	@! go list -f '{{.ImportPath}}: {{join .Imports " "}} ' ./db/dbsqlc | grep -E ' $(MODULE)/(db |db/internal|schema|cmd)' || \
	  { echo "db/dbsqlc must know no engines" >&2; exit 1; }

# Not a part of the tests with the race detector, which allocates itself.
allocations:
	CGO_ENABLED=0 go test -count=1 -run '^TestAllocations$$' ./db

tools: ## build the developer tools and install the libSQL server for the tests
	$(SQLC) version
	$(TOOL) staticcheck -version
	go run ./db/dbtest/cmd/sqld

clean: ## remove what was built, and the database of make run
	rm -rf bin marks.db marks.db-wal marks.db-shm
