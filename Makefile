# make run    the product with an embedded database and a demo shop, on http://127.0.0.1:8080
# make test   everything: style, types, architecture, tests
# make check  style, types, architecture
# make bench  measured claims, with their figures
# make races  our cancellation and a fulfilment at once, on a real Vendure and on the demo shop
PYTHON ?= python3
BIN := .venv/bin

.PHONY: install run test check bench races lock clean

install: .venv/.dev

run: .venv/.run
	$(BIN)/rescind serve

test: check
	$(BIN)/pytest

check: .venv/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .venv/.dev
	$(BIN)/python -m benchmarks

races: .venv/.dev
	$(BIN)/python -m benchmarks.races

.venv/bin/python:
	$(PYTHON) -c 'import sys; sys.exit("Rescind needs Python 3.11 or newer; this is " + sys.version if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv .venv

.venv/.run: requirements/run.txt pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/run.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

.venv/.dev: requirements/dev.txt .venv/.run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	touch $@

# The lock names no index and no host, so that any mirror serves.
lock:
	uv pip compile --universal --generate-hashes --no-emit-index-url --no-annotate --python-version 3.11 --no-header -o requirements/run.txt pyproject.toml requirements/build.in
	uv pip compile --universal --generate-hashes --no-emit-index-url --no-annotate --python-version 3.11 --no-header -c requirements/run.txt -o requirements/dev.txt pyproject.toml requirements/build.in --group dev

clean:
	rm -rf .venv build *.egg-info
