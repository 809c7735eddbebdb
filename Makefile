# Every target installs what it needs first. `make` alone runs `make test`.
.DEFAULT_GOAL := test
.PHONY: install install-dev require run stack test suite quick cover lint wheel image bench load chaos fuzz transitions captions gallery motion shots languages lock upgrade clean

VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= python3
# For text: FriBidi, and fonts for Chinese, Japanese, Korean and emoji. Other fonts are bundled.
WORDS := libfribidi0 fonts-noto-cjk fonts-noto-color-emoji
# Install wheels only: nothing is compiled, and ffmpeg comes as a wheel too.
export PIP_ONLY_BINARY := :all:
# Else each of the processes that are started here compiles all that it imports.
unexport PYTHONDONTWRITEBYTECODE
# Node comes with requirements-dev.txt.
NPM := PATH="$(CURDIR)/$(BIN):$$PATH" npm

install: $(VENV)/.installed

install-dev: $(VENV)/.installed-dev

$(VENV)/.installed: requirements.txt requirements-moviepy.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is \
	needed, and $(PYTHON) is %d.%d: install one, then say `make PYTHON=python3.11`." \
	% sys.version_info[:2])'
	PYTHON=$(PYTHON) scripts/require python3-venv
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps -r requirements-moviepy.txt
	touch $@

# Of what is for tests and checks alone, most is never imported: what is, is compiled then.
$(VENV)/.installed-dev: $(VENV)/.installed requirements-dev.txt requirements-speech.txt \
		requirements-speech-tests.txt requirements-faces.txt \
		requirements-narration.txt requirements-narration-tests.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-compile -r requirements-dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check \
		-r requirements-speech.txt -r requirements-narration.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps \
		-r requirements-speech-tests.txt -r requirements-faces.txt -r requirements-narration-tests.txt
	touch $@

node_modules/.installed: $(VENV)/.installed-dev package.json package-lock.json
	$(NPM) ci --loglevel=error
	touch $@

run: install
	-@scripts/require $(WORDS)
	$(BIN)/gunicorn --bind "$${BIND:-127.0.0.1}:$${PORT:-5000}" app:app

stack: install
	scripts/require redis-server
	-@scripts/require $(WORDS)
	scripts/stack $(BIN)

lint: install-dev node_modules/.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(NPM) run --silent lint

require:
	PYTHON=$(PYTHON) scripts/require python3-venv redis-server chromium-headless-shell fonts-dejavu-core \
		curl espeak-ng $(WORDS)

# A busy machine can leave a browser or a worker without processor time for longer than a test waits:
# what failed is named and tried once more, alone. What fails then, fails.
ONCE_MORE := --last-failed --last-failed-no-failures none -v

# `make --jobs=3 test wheel`, which CI says, does these beside each other.
#
# Each process takes a third of the tests in their order, so what those of a file share is made once;
# the first that is done takes over some of what others have left. Tests wait for a good fifth of their
# time: with two processes, two cores have nothing to do then.
test: export PYTHONUTF8 := 1
test: require lint suite

suite: require install-dev node_modules/.installed
	$(NPM) test --silent
	@command -v chromium-headless-shell >/dev/null \
		|| PLAYWRIGHT_BROWSERS_PATH=0 $(BIN)/playwright install --with-deps --only-shell chromium
	$(BIN)/pytest -n 3 --dist worksteal -m "not alone" || $(BIN)/pytest -m "not alone" $(ONCE_MORE)
	$(BIN)/pytest -m alone

# Run the tests that need no render, no other program, no browser and no Redis: under a minute.
quick: install-dev
	$(BIN)/pytest -n 2 -m "not render and not process and not browser and not redis"

# Measure how much of the code the tests run, in other processes too.
cover: require install-dev
	mkdir -p build/coverage
	$(BIN)/coverage run -m pytest -n 2
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

# Build the wheel into build/dist, and test it in an empty environment.
wheel: require install-dev
	$(BIN)/python scripts/check-wheel

# Build the image on a bare Debian, run it on a small machine, and bring up compose.yaml with it.
# Then install Reelqueue on such a Debian with systemd, and start its units.
image: install-dev
	scripts/require podman catatonit netavark aardvark-dns iptables debootstrap redis-server
	scripts/base-image localhost/reelqueue-base
	$(BIN)/python -m scripts.places.image localhost/reelqueue-base
	$(BIN)/python -m scripts.places.compose localhost/reelqueue-base
	$(BIN)/python -m scripts.places.units localhost/reelqueue-base

bench: install-dev
	$(BIN)/python -m benchmarks

# Run this alone: it measures what a service of two cores stands.
load: install-dev
	scripts/require redis-server
	$(BIN)/python -m benchmarks.load

chaos: install-dev
	scripts/require redis-server
	$(BIN)/python -m chaos

# Try damaged and hostile files and requests; with strace, also see what decoders open.
fuzz: install-dev
	$(BIN)/python -m fuzz

transitions: install-dev
	$(BIN)/python -m benchmarks.transitions

captions: install-dev
	$(BIN)/python -m benchmarks.captions

motion: install-dev
	$(BIN)/python -m benchmarks.motion

gallery: install-dev
	scripts/require $(WORDS)
	$(BIN)/python -m benchmarks.gallery

# Keep how the page looks now: tests/page/test_looks.py compares with it.
shots: require install-dev node_modules/.installed
	$(BIN)/pytest -n 2 tests/page/test_looks.py -k looks_as --keep-shots

# Bring the catalogues of all languages in line with the sentences of the code.
languages: install-dev
	$(BIN)/python -m scripts.languages

LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest \
	--generate-hashes --custom-compile-command "make lock"

# Resolve all packages together, so that production runs the versions that were tested.
lock: $(BIN)/uv
	$(LOCK) $(LOCK_OPTIONS) pyproject.toml --group dev -o requirements-dev.txt
	$(LOCK) $(LOCK_OPTIONS) pyproject.toml -c requirements-dev.txt -o requirements.txt
	$(LOCK) $(LOCK_OPTIONS) --group moviepy --no-deps -c requirements-dev.txt -o requirements-moviepy.txt
	$(LOCK) $(LOCK_OPTIONS) --group faces --no-deps -c requirements-dev.txt -o requirements-faces.txt
	$(LOCK) $(LOCK_OPTIONS) pyproject.toml --extra speech -c requirements-dev.txt -o requirements-speech.txt
	$(LOCK) $(LOCK_OPTIONS) --group speech-tests --no-deps -c requirements-dev.txt -o requirements-speech-tests.txt
	$(LOCK) $(LOCK_OPTIONS) pyproject.toml --extra narration -c requirements-dev.txt -c requirements-faces.txt -c requirements-speech.txt -o requirements-narration.txt
	$(LOCK) $(LOCK_OPTIONS) --group narration-tests --no-deps -c requirements-dev.txt -o requirements-narration-tests.txt

upgrade: LOCK_OPTIONS := --upgrade
upgrade: lock

$(BIN)/uv:
	$(MAKE) install-dev

clean:
	rm -rf $(VENV) node_modules build .pytest_cache .mypy_cache .ruff_cache .hypothesis
