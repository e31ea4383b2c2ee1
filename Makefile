# A few words run Open Door. `make` alone lists them.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=
# One more than there are cores: many tests wait for other processes.
JOBS ?= $(shell $(PYTHON) -c 'import os; print(os.cpu_count() + 1)' 2>/dev/null || echo 2)
ROUNDS ?= 100
SEED ?=
PIP := $(BIN)/python -m pip --disable-pip-version-check
# uv installs in a second what takes pip half a minute; pip knows proxies and mirrors that uv may not.
INSTALL = sh -c '$(BIN)/uv pip install --quiet --python $(BIN)/python --no-build --require-hashes \
  --compile-bytecode "$$@" 2>/dev/null || $(PIP) install --quiet --only-binary :all: --require-hashes "$$@"' -
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate
PRODUCT := $(VENV)/.product
TOOLS := $(VENV)/.tools

.DEFAULT_GOAL := help
.PHONY: help setup run test faults bench bench-long fuzz soak check down docs format lock

help: ## list these words
	@awk 'BEGIN { FS = ":.*## " } \
	  /^##@/ { printf "\n%s\n", substr($$0, 5) } \
	  /^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))
	@printf '\nARGS is handed on, for example: make test ARGS="tests/shared -k clock"\n'

##@ Use it
setup: $(PRODUCT) ## install Open Door into .venv, by hash; needs only Python 3.11 or later

run: setup ## the demo: three services, seeded, at one local address
	$(BIN)/opendoor demo $(ARGS)

down: ## say what is left behind; WIPE=yes removes the demo's and the local data (var/)
	@if [ ! -e var ]; then echo "Nothing is left behind."; \
	elif [ "$(WIPE)" = yes ]; then rm -rf var && echo "var/ is removed."; \
	else echo "Open Door stops with Ctrl-C. Its data stays in var/; make down WIPE=yes removes it."; fi

##@ Work on it
test: $(TOOLS) ## every test, in parallel; with PostgreSQL and Kafka where they can be started
	$(BIN)/python -m pytest -n $(JOBS) --dist worksteal $(ARGS)

bench: $(TOOLS) ## measure, beside the peers, within 15 minutes; writes docs/benchmarks.md
	$(BIN)/python -m bench $(ARGS)

bench-long: $(TOOLS) ## measure what needs millions of events
	$(BIN)/python -m bench --long $(ARGS)

fuzz: $(TOOLS) ## generated requests over the three APIs; EXAMPLES=n of each, SEED=s to see it again
	$(BIN)/python -m tests.strangers.fuzz

soak: $(TOOLS) ## half an hour at half of what it can; draws docs/soak.svg; SECONDS=n for a short one
	$(BIN)/python -m tests.strangers.soak $(SECONDS)

check: $(TOOLS) ## style, types, directions of imports, dependencies, pages
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry .
	$(BIN)/python -m pages --check

faults: $(TOOLS) ## every trial by fault, long: make faults ROUNDS=1000 SEED=1; writes docs/fault-report.md
	$(BIN)/python -m tests.faults --rounds $(ROUNDS) $(if $(SEED),--seed $(SEED)) $(ARGS)

docs: $(TOOLS) ## write the pages of docs/ that are made from the code
	$(BIN)/python -m pages

format: $(TOOLS) ## put the code into its usual form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: $(TOOLS) ## write requirements/*.txt anew from pyproject.toml
	$(LOCK) pyproject.toml --extra dev -o requirements/dev.txt
	$(LOCK) pyproject.toml -c requirements/dev.txt -o requirements/runtime.txt
	$(LOCK) pyproject.toml --extra otel -c requirements/dev.txt -o requirements/otel.txt
	printf 'setuptools\nuv\n' | $(LOCK) - -c requirements/dev.txt -o requirements/build.txt

# The stamps make a second run quick, and a changed lock file a new one.
$(PRODUCT): requirements/build.txt requirements/runtime.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	  { echo "Open Door needs Python 3.11 or later; $(PYTHON) is $$($(PYTHON) --version 2>&1). Try: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@[ -x $(BIN)/python ] || $(PYTHON) -m venv $(VENV)
	@echo "Installing Open Door into $(VENV); the first time this takes a while on a slow line ..."
	@$(PIP) install --quiet --only-binary :all: --require-hashes -r requirements/build.txt
	@$(INSTALL) -r requirements/runtime.txt
	@$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(TOOLS): $(PRODUCT) requirements/dev.txt
	@echo "Installing the tools for tests and checks ..."
	@$(INSTALL) -r requirements/dev.txt
	@touch $@
