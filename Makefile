# The executable CONTRIBUTING: every word here is what a person types. Needs Python 3.11+, make and a package registry.
PYTHON ?= python3
BIN := .venv/bin
PACKAGES := harvest normalize store schedules pages pocket

.PHONY: help demo test check lint types imports pytest bench soak live lock clean

help:            ## this list
	@grep -hE '^[a-z]+: .*## |^[a-z]+: +## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

demo: .venv/base ## a small Finland on localhost, harvested twice, curated, counted and scored (ONESHOT=1 ends by itself)
	$(BIN)/aluetori demo $(if $(ONESHOT),--oneshot) $(ARGS)

test: lint types imports pytest ## everything that must hold before a commit

lint: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/dev
	$(BIN)/mypy

imports: .venv/dev
	$(BIN)/lint-imports

pytest: .venv/dev
	$(BIN)/pytest $(ARGS)

bench: .venv/bench ## one table of speeds, medians of three (NAME=... for one row group)
	$(BIN)/python -m benchmarks $(NAME)

soak: .venv/dev  ## the long proofs, one after another; each prints its row of docs/proofs.md
	$(BIN)/pytest -m soak -n 0 -s $(ARGS)

live: .venv/base ## harvest the enabled real sources once, politely, into ./aluetori.db
	$(BIN)/aluetori harvest --all || [ $$? = 1 ]
	$(BIN)/aluetori curate
	$(BIN)/aluetori counts

lock:            ## renew the hashed requirements (needs uv on the PATH); no address is written
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate pyproject.toml requirements/build.in -o requirements/base.txt
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --extra dev -c requirements/base.txt pyproject.toml requirements/build.in -o requirements/dev.txt
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate -c requirements/dev.txt requirements/rivals.in -o requirements/rivals.txt

clean:           ## forget the environment and caches
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

.venv/pip:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "aluetori needs Python 3.11 or newer; set PYTHON=/path/to/python3.11")'
	$(PYTHON) -m venv .venv
	touch $@

.venv/base: .venv/pip requirements/base.txt pyproject.toml
	$(BIN)/python -m pip install -q --require-hashes -r requirements/base.txt
	$(BIN)/python -m pip install -q --no-deps --no-build-isolation -e .
	touch $@

.venv/dev: .venv/pip requirements/dev.txt pyproject.toml
	$(BIN)/python -m pip install -q --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install -q --no-deps --no-build-isolation -e .
	touch $@ .venv/base

.venv/bench: .venv/dev requirements/rivals.txt
	$(BIN)/python -m pip install -q --require-hashes -r requirements/rivals.txt
	touch $@
