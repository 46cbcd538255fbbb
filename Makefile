# `make demo` and `make test` each work as the first command on a bare machine with python3 (>= 3.11) and a C compiler.
# They build .venv, get the system libraries for off-screen OpenGL where they may, and install what they need, once.
#
#   make demo        the whole way in 9 to 18 minutes after the downloads, under out/demo: a world from a sentence, its episodes, a dream, a planner,
#                    real recordings, what each is worth, and into the studio; FAST=1 in 2, with a model that comes along; INPUT=FOLDER of your own
#   make test        what CI runs: ruff, import floors, mypy, the default tests
#   make test-all    the slow tests and the docs too
#   make bench       the benchmarks into docs/benchmarks.md, ten minutes of two quiet cores (what takes longer: python -m benchmarks --list)
#   make bench-peers others beside ours into docs/benchmarks.md, each from an environment of its own (20 GB under out/peers, once)
#   make page        the studio's page into src/lifeworld/studio/static
#   make docs        the documentation into site/, strict
#   make setup       only install (CONSTRAINTS=constraints.txt: the very versions that tests passed with)
#   make wheel       dist/lifeworld-….whl, with the page
#   make fresh       the wheel in an environment of its own: its size, and how long until one stands in a world
#   make sbom        what is installed, with versions and licences, into dist/sbom.cdx.json

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Two test processes: the machine we promise times for has two cores.
WORKERS ?= 2
SLOW ?= not slow and not gpu
FAST ?=
CONSTRAINTS ?=
PIP := $(BIN)/python -m pip install --quiet $(if $(CONSTRAINTS),--constraint $(CONSTRAINTS))

.DEFAULT_GOAL := help
.PHONY: help setup page demo test test-all bench bench-peers docs wheel fresh sbom lint format clean clean-all system-libs

help:
	@sed -n 's/^#   //p' Makefile

# Installing: a stamp file for each stage, so that a second run does nothing -----------------------------------------------

$(VENV)/.python: scripts/venv.sh
	@sh scripts/venv.sh "$(PYTHON)" $(VENV)
	@touch $@

# Never an error: without these libraries pictures are made by rays. The script touches the stamp once all is there.
system-libs: $(VENV)/.python
	@[ -e $(VENV)/.system ] || sh scripts/system-libs.sh $(VENV)/.system

# torch first and by itself, here and below: whatever else asks for "torch" later finds 2.13.0 there and does not choose another build.
$(VENV)/.dev: pyproject.toml $(CONSTRAINTS) $(VENV)/.python | system-libs
	@echo "Installing lifeworld and its tools into $(VENV) (once)"
	@$(PIP) torch==2.13.0
	@$(PIP) -e ".[dev]"
	@touch $@ $(VENV)/.demo

$(VENV)/.demo: pyproject.toml $(CONSTRAINTS) $(VENV)/.python | system-libs
	@echo "Installing lifeworld with learning and the studio into $(VENV) (once)"
	@$(PIP) torch==2.13.0
	@$(PIP) -e ".[learn,studio]"
	@touch $@

setup: $(VENV)/.dev

# The studio's page: built again when one of its sources is newer.
PAGE := src/lifeworld/studio/static/index.html
$(PAGE): scripts/page.sh web/package-lock.json web/index.html web/vite.config.ts web/tsconfig.json $(wildcard web/src/*) | $(VENV)/.python
	@echo "Building the studio's page"
	@sh scripts/page.sh $(BIN)
	@touch $@

page: $(PAGE)

# Using -------------------------------------------------------------------------------------------------------------------

demo: $(VENV)/.demo page
	$(BIN)/lifeworld demo $(if $(FAST),--fast) $(if $(INPUT),--input "$(INPUT)")

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy

test: lint page
	$(BIN)/pytest -m "$(SLOW)" -n $(WORKERS) --hypothesis-profile=same

test-all: lint page docs
	$(BIN)/pytest -n $(WORKERS)

bench: $(VENV)/.dev
	$(BIN)/python -m benchmarks

bench-peers: $(VENV)/.dev
	$(BIN)/python -m benchmarks.peers

docs: $(VENV)/.dev
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

wheel: $(VENV)/.dev page
	$(BIN)/python -m hatchling build -t wheel

fresh: $(VENV)/.dev page
	$(BIN)/python scripts/fresh.py $(if $(EXTRAS),--extras "$(EXTRAS)")

sbom: $(VENV)/.dev
	$(BIN)/python scripts/sbom.py

format: $(VENV)/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf out site dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find src tests benchmarks examples -name __pycache__ -type d -prune -exec rm -rf {} +

clean-all: clean
	rm -rf $(VENV)
