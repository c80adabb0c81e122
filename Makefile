# Everything a fresh machine needs: `make speak` and `make test`. Neither needs root.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV ?= .venv
PIP_ARGS ?=
BIN := $(VENV)/bin
READY := $(VENV)/ready
COMPLETE := $(VENV)/complete
PIPECAT := $(VENV)/pipecat
INSTALL := $(BIN)/python -m pip install --disable-pip-version-check $(PIP_ARGS) -c constraints.txt

TEXT ?=
DIALECT ?= putonghua
VOICE ?=
OUT ?= out/speech.wav

.PHONY: help setup speak test test-pipecat bench sizes lint clean

help:  ## list the commands
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*##/\t/' | expand -t 15

setup: $(COMPLETE)  ## make the virtual environment and install everything

# Each mark is written last, so an interrupted install is taken up again by the next call.
$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(INSTALL) --quiet pip wheel
	$(INSTALL) --progress-bar on -e '.[plots]'
	$(BIN)/python -m diamoe.doctor
	touch $(READY)

$(COMPLETE): $(READY)
	$(INSTALL) --progress-bar on -e '.[train,test]'
	$(BIN)/python -m diamoe.doctor
	touch $(COMPLETE)

speak: $(READY)  ## speak: TEXT="..." DIALECT=chengdu VOICE=... OUT=out.wav, or five sentences into out/
ifeq ($(strip $(TEXT)),)
	$(BIN)/python -m diamoe.demo
else
	$(BIN)/tts synthesize --dialect $(DIALECT) $(if $(VOICE),--voice $(VOICE)) --plot $(basename $(OUT)).png -o $(OUT) -- "$(TEXT)"
endif

test: $(COMPLETE)  ## run the tests
	$(BIN)/python -m pytest -n logical --maxprocesses 4 --dist worksteal

test-pipecat: $(COMPLETE) $(PIPECAT)/ready  ## run the test of Pipecat, whose pins are not ours
	DIAMOE_PIPECAT=$(PIPECAT)/bin/python $(BIN)/python -m pytest tests/server -k pipecat

$(PIPECAT)/ready:
	$(PYTHON) -m venv $(PIPECAT)
	$(PIPECAT)/bin/python -m pip install --disable-pip-version-check $(PIP_ARGS) --quiet pipecat-ai==1.14.0
	touch $@

bench: $(COMPLETE)  ## measure the speed of the front-end, and speed and quality of the shipped bundle
	$(BIN)/python -m diamoe.evaluation.frontend_speed
	$(BIN)/python -m diamoe.evaluation.speed
	$(BIN)/python -m diamoe.inspect speed
	$(BIN)/python -m corpus_tools.speed
	$(BIN)/python -m corpus_tools.boundaries --recogniser shipped
	$(BIN)/python -m corpus_tools.boundaries --recogniser train --steps 300

sizes:  ## install every extra into an environment of its own: time, size, and whether it works
	$(PYTHON) tests/bench/install_sizes.py

lint: $(COMPLETE)  ## ruff and mypy
	$(INSTALL) --quiet -e '.[dev]'
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy

clean:  ## remove what the commands made
	rm -rf $(VENV) out build *.egg-info
