# Few targets, each of them useful; `make help` lists them. Everything lives in .venv; nothing is installed elsewhere.
PYTHON ?= $(shell for name in python3 python3.13 python3.12 python3.11; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; done)
BIN := .venv/bin
PYTEST_ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help setup demo test lint fmt bench docs lock clean

help: ## show this text
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: .venv/.ready ## make .venv with what Tiphys needs to run

demo: .venv/.ready ## watch alerts heal real services (PROMETHEUS=1: with the real Prometheus and Alertmanager)
	@$(BIN)/tiphys demo $(if $(PROMETHEUS),--prometheus)

test: .venv/.ready-dev ## run all tests that this machine can run (CI=true: a missing service is a failure)
	$(BIN)/pytest -n auto $(PYTEST_ARGS)

lint: .venv/.ready-dev ## format, lint, types and the direction of imports, as CI checks them
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/basedpyright
	$(BIN)/lint-imports

fmt: .venv/.ready-dev ## put the code into its form
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: .venv/.ready-dev ## measure against named yardsticks, in the same run
	$(BIN)/python -m bench.steps

docs: .venv/.ready-dev ## print the reference pages anew from the code
	$(BIN)/python docs/generate.py

lock: .venv/.ready-dev ## pin the newest versions that fit, in constraints.txt
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --all-extras --group test --group lint \
		--no-header --no-annotate --no-emit-index-url --output-file constraints.txt pyproject.toml

clean: ## remove the environment and everything that was made
	rm -rf .venv build dist .pytest_cache .ruff_cache .hypothesis .import_linter_cache

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Tiphys needs Python 3.11 or newer; set PYTHON=/path/to/python3" >&2; exit 1; }
	@"$(PYTHON)" -m venv .venv || \
		{ rm -rf .venv; echo "python3 -m venv failed; on Debian: apt-get install python3-venv" >&2; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade --constraint constraints.txt pip

.venv/.ready: pyproject.toml constraints.txt | .venv/bin/python
	@echo "Setting up .venv (once)…"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable .
	@touch $@

.venv/.ready-dev: .venv/.ready
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --group test --group lint
	@touch $@
