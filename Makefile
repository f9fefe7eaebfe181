# Leadlight. `make demo` and `make test` each set up everything from a fresh clone: .venv, locked, bytecode compiled.

PYTHON ?= python3
UV ?= uv
WHAT ?= path
BIN := .venv/bin
INSTALLED := .venv/.installed
NATIVE := $(wildcard src/pipeline/native/*.[ch]) hatch_build.py
# The system's C headers and any C compiler, as hatch_build.py looks for them.
COMPILES := for cc in "$$CC" cc gcc clang; do echo '\#include <stdint.h>' | $$cc -E -x c - >/dev/null 2>&1 && exit 0; done; exit 1
SPARK := .venv/.spark

# The data here is small: a second thread beside a busy core makes LightGBM and BLAS several times slower, not faster.
export OMP_NUM_THREADS ?= 1
export OPENBLAS_NUM_THREADS ?= 1
# The stages of dvc.yaml say `leadlight ...`.
export PATH := $(CURDIR)/$(BIN):$(PATH)

.DEFAULT_GOAL := help
.PHONY: help demo test lint serve bench bench-large bench-quality prove spark lock

help: ## what can be made
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | while IFS="$$(printf '\t')" read -r name what; do \
		printf '  make %-13s %s\n' "$$name" "$$what"; done

$(INSTALLED): requirements.lock pyproject.toml $(NATIVE)
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(None if v >= (3, 11) else \
		f"Leadlight needs Python 3.11 or newer and {sys.executable} is {v[0]}.{v[1]}. Name another one: make PYTHON=python3.11")'
	@echo "Setting up .venv from requirements.lock: once, about 2 minutes ..."
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -c 'import ctypes; ctypes.CDLL("libgomp.so.1")' 2>/dev/null || { [ "$$(id -u)" = 0 ] && \
		apt-get update -qq && apt-get install -y -qq --no-install-recommends libgomp1 >/dev/null; } || \
		{ echo "LightGBM needs the system's OpenMP runtime: sudo apt-get install libgomp1"; exit 1; }
	@($(COMPILES)) || { [ "$$(id -u)" = 0 ] && \
		apt-get update -qq && apt-get install -y -qq --no-install-recommends gcc libc6-dev >/dev/null; } || \
		{ echo "Leadlight is built with a C compiler: sudo apt-get install gcc libc6-dev"; exit 1; }
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-index --no-build-isolation -e .
	@$(BIN)/python -m compileall -q src
	@touch $@
	@echo "Installed."

demo: $(INSTALLED) ## the demo CRM, from its files to the ten leads to call (about 2 minutes)
	@mkdir -p data/work
	@test -e data/demo/leads.parquet || leadlight demo
	@echo "The stages check, features, fit and evaluate (dvc repro), about a minute ..."
	@dvc repro -q >data/work/repro.log || { tail -n 40 data/work/repro.log; exit 1; }
	@echo "Registering the model ..."
	@leadlight train
	@leadlight score --top 10 -o data/work/scores.csv
	@echo
	@echo "Next, with .venv/bin on your path:"
	@echo "  leadlight explain LEAD    one of these leads, each criterion's part in its probability"
	@echo "  make serve                the same scores over HTTP"
	@echo "  README.md                 your own CRM in five steps"

test: $(INSTALLED) lint ## every check and test (about 7 minutes)
	@echo "Tests ..."
	@$(BIN)/pytest -q -n 2 --dist loadgroup

lint: $(INSTALLED) ## ruff and mypy
	@echo "Lint and types ..."
	@$(BIN)/ruff check -q
	@$(BIN)/ruff format -q --check
	@$(BIN)/mypy --no-error-summary

serve: $(INSTALLED) ## the service, with the champion
	@leadlight serve

bench: $(INSTALLED) ## how fast, beside others: features, reasons, scores, requests (about 10 minutes)
	@$(BIN)/python -m benchmarks.bench

bench-large: $(INSTALLED) ## a hundred million interactions: time and memory (about 10 minutes, 4 GB of disk)
	@$(BIN)/python -m benchmarks.bench --large

bench-quality: $(INSTALLED) ## how well others learn from the same rows (about 35 minutes, 9 GB of disk)
	@$(BIN)/python -m benchmarks.quality

prove: $(INSTALLED) ## every line of what was promised, at full count: make prove WHAT=path
	@$(BIN)/python -m benchmarks.prove $(WHAT)

spark: $(SPARK) ## Spark as well, from requirements-spark.lock (400 MB; it needs Java)

$(SPARK): requirements-spark.lock $(INSTALLED)
	@echo "Setting up Spark from requirements-spark.lock ..."
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements-spark.lock
	@touch $@

# Spark is 400 MB that few need: a lock of its own, with what it brings beside the other one.
lock: ## the locks anew, by uv (pip install uv): hashes, no addresses
	@$(UV) pip compile -q --universal --generate-hashes --no-header --python-version 3.11 \
		--extra analysis --extra dask --group dev pyproject.toml -o requirements.lock
	@sed -n 's/^spark = .*"\(pyspark[^"]*\)".*/\1/p' pyproject.toml | $(UV) pip compile -q --universal \
		--generate-hashes --no-header --python-version 3.11 -c requirements.lock - -o requirements-spark.lock
	@for name in peers featuretools quality browser; do $(UV) pip compile -q --universal --generate-hashes --no-header \
		--python-version 3.11 benchmarks/peers/$$name.in -o benchmarks/peers/$$name.lock || exit 1; done
	@! grep -nE 'https?://|^--' requirements.lock requirements-spark.lock benchmarks/peers/*.lock
