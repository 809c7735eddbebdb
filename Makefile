# Every target installs what it needs first. `make` alone runs `make test`.
.DEFAULT_GOAL := test
.PHONY: install install-dev run stack test lint wheel bench chaos transitions gallery lock upgrade clean

VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= python3
# For text: FriBidi, and fonts for Chinese, Japanese, Korean and emoji. Other fonts are bundled.
WORDS := libfribidi0 fonts-noto-cjk fonts-noto-color-emoji
# Install wheels only: nothing is compiled, and ffmpeg comes as a wheel too.
export PIP_ONLY_BINARY := :all:

install: $(VENV)/.installed

install-dev: $(VENV)/.installed-dev

$(VENV)/.installed: requirements.txt requirements-moviepy.txt
	scripts/require python3-venv
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps -r requirements-moviepy.txt
	touch $@

$(VENV)/.installed-dev: $(VENV)/.installed requirements-dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch $@

run: install
	-@scripts/require $(WORDS)
	$(BIN)/gunicorn app:app

stack: install
	scripts/require redis-server
	-@scripts/require $(WORDS)
	scripts/stack $(BIN)

lint: install-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: lint
	scripts/require redis-server chromium curl $(WORDS)
	$(BIN)/pytest -n 2

# Build the wheel into build/dist, and test it in an empty environment.
wheel: install-dev
	scripts/require redis-server
	$(BIN)/python scripts/check-wheel

bench: install-dev
	$(BIN)/python -m benchmarks

chaos: install-dev
	scripts/require redis-server
	$(BIN)/python -m chaos

transitions: install-dev
	$(BIN)/python -m benchmarks.transitions

gallery: install-dev
	scripts/require $(WORDS)
	$(BIN)/python -m benchmarks.gallery

LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest \
	--generate-hashes --custom-compile-command "make lock"

# Resolve all packages together, so that production runs the versions that were tested.
lock: $(BIN)/uv
	$(LOCK) $(LOCK_OPTIONS) pyproject.toml --group dev -o requirements-dev.txt
	$(LOCK) $(LOCK_OPTIONS) pyproject.toml -c requirements-dev.txt -o requirements.txt
	$(LOCK) $(LOCK_OPTIONS) --group moviepy --no-deps -c requirements-dev.txt -o requirements-moviepy.txt

upgrade: LOCK_OPTIONS := --upgrade
upgrade: lock

$(BIN)/uv:
	$(MAKE) install-dev

clean:
	rm -rf $(VENV) build .pytest_cache .mypy_cache .ruff_cache .hypothesis
