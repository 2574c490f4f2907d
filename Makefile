# Two commands are all a newcomer needs: make demo, make test.
# Everything installs what it needs; what needs root it names.

GO       ?= go
BIN      := bin
TOOLS    := build/tools
export CGO_ENABLED ?= 0

STATICCHECK := $(TOOLS)/staticcheck
GOFUMPT     := $(TOOLS)/gofumpt
RULES       := order intake catalog quote episode population pseudonym plan disclose swede day canon fault workorder

.PHONY: help demo build web test lint race bench verify soak fuzz clean

help:
	@echo "make demo    run one research order from application to purge, then show it on http://localhost:8080"
	@echo "             (make demo ARGS=--once stops after the run)"
	@echo "make test    all tests"
	@echo "make build   both programs into bin/"
	@echo "make lint    go vet, staticcheck, gofumpt"
	@echo "make race    race detector on rules and use cases"
	@echo "make bench   the table of docs/benchmarks.md (needs gcc for DuckDB, the peer)"
	@echo "make bench-engine  the engine and DuckDB, Polars, pandas, data.table by turns"
	@echo "make bench-case  the counter under load, over HTTP"
	@echo "make bench-pages every page as every role, with 30 000 cases"
	@echo "make soak    a million random commands, and whole orders while things fail (about half an hour)"
	@echo "make fuzz    every reader of what comes from outside, 20 seconds each (make fuzz SECONDS=600)"
	@echo "make verify  outside readers of what Sluss writes"
	@echo "make verify-container  both container images, built and run (as root)"
	@echo "make spark   a small Spark of our own: the shared suite, and workers killed in the middle"

demo: build
	$(BIN)/sluss demo $(ARGS)

build: web | $(BIN)
	$(GO) build -trimpath -o $(BIN)/ ./cmd/sluss ./cmd/sluss-engine

# Stylesheets and typeface of the pages; without npm they do without.
web:
	@tools/web/build.sh

test: build
	@tools/need-postgres.sh
	$(GO) test ./...
	@tools/crawl/crawl.sh build/crawl --light || [ $$? -eq 77 ]

lint: $(STATICCHECK) $(GOFUMPT)
	$(GO) vet ./...
	$(STATICCHECK) ./...
	@unformatted=$$($(GOFUMPT) -l $$(git ls-files -co --exclude-standard '*.go')); if [ -n "$$unformatted" ]; then echo "not formatted with gofumpt:"; echo "$$unformatted"; exit 1; fi

# The race detector needs cgo, and so gcc.
race:
	CGO_ENABLED=1 $(GO) test -race -short $(foreach r,$(RULES),./internal/$(r)/...) ./internal/app/... ./internal/works/...

# A million random commands, others every time, and hundreds of whole orders while
# programs, network and disks fail; no promise may break.
CHECKS ?= 26500
ORDERS ?= 400
soak: build
	$(GO) test ./internal/order -run 'AnyCommandsKeepThePromises|ClockMovedBetweenCommands' -count=1 -timeout 90m -v -rapid.seed=0 -rapid.checks=$(CHECKS) | grep -vE '^(===|---) '
	python3 tools/faults.py bin build/faults --orders $(ORDERS) --seed $$(date +%s)

# Inputs that nobody thought of, for everything that reads what comes from outside.
SECONDS ?= 20
fuzz:
	@tools/fuzz.sh $(SECONDS)

bench: build
	CGO_ENABLED=1 $(GO) run -tags duckdb ./bench $(ARGS)

# Spells and panels by the engine and by DuckDB, Polars, pandas and data.table in turn, and the
# other promises about the engine's speed (three sizes: ARGS="--sizes 1,10,100", 20 GB of disk).
.PHONY: bench-engine
bench-engine: build
	CGO_ENABLED=1 $(GO) run -tags duckdb ./bench --only a,extract,c,population,lopnr,risk $(ARGS)

# The counter under load (its size: ARGS="--cases 30000", --postgres).
.PHONY: bench-case
bench-case:
	$(GO) run ./bench/case $(ARGS)

# Every page as every role with 30 000 cases (ARGS="--keep DIR" keeps them).
.PHONY: bench-pages
bench-pages:
	$(GO) run ./bench/pages $(ARGS)

verify: build
	tools/verify.sh

# Both container images, built and run here (as root; podman and runc are installed).
.PHONY: verify-container
verify-container:
	tools/deploy/container.sh

# PySpark is installed under build/spark, started on 127.0.0.1 and ended again.
.PHONY: spark
spark: build
	@tools/spark/spark.sh verify build/spark bin/sluss-engine || { code=$$?; [ $$code -eq 77 ] && echo "not run" || exit $$code; }

clean:
	rm -rf $(BIN) build demo

$(BIN):
	mkdir -p $(BIN)

$(STATICCHECK):
	GOBIN=$(abspath $(TOOLS)) $(GO) install honnef.co/go/tools/cmd/staticcheck@v0.8.2

$(GOFUMPT):
	GOBIN=$(abspath $(TOOLS)) $(GO) install mvdan.cc/gofumpt@v0.12.0

# The recipient's program for the three systems recipients have.
.PHONY: recipient
recipient:
	GOOS=linux   GOARCH=amd64 $(GO) build -trimpath -o build/recipient/sluss-linux      ./cmd/sluss
	GOOS=windows GOARCH=amd64 $(GO) build -trimpath -o build/recipient/sluss-windows.exe ./cmd/sluss
	GOOS=darwin  GOARCH=arm64 $(GO) build -trimpath -o build/recipient/sluss-macos      ./cmd/sluss
