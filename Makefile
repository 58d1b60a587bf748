# Everything a user or a developer does, in one word each. `make help` lists them.

PYTHON    ?= python3
BIN       := .venv/bin
HEADRACE  := $(BIN)/python -m headrace
BOOTSTRAP ?= 127.0.0.1:9092
TOPIC     ?= tumors
PORT      ?= 9092
IMAGES    := stream classifier detector training training-detector demo bench
LOCK      := ../$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"

.DEFAULT_GOAL := help
.PHONY: help demo test lint format train produce invoke kafka kafka-stop bench lock clean

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

demo: .venv/demo  ## set up everything and run the main job on an embedded Kafka and Kinesis
	@$(HEADRACE) demo

test: .venv/dev  ## run every test; starts a real Kafka where Java and Maven, or Docker, are there
	$(BIN)/pytest $(ARGS)

lint: .venv/dev  ## ruff and strict types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: .venv/dev  ## put the code into the one format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

train: .venv/training  ## train and publish the models, or import a detector: ARCHIVE=path-or-URL [SHA256=...]
ifdef ARCHIVE
	$(HEADRACE) train import $(ARCHIVE) $(if $(SHA256),--sha256 $(SHA256))
else
	$(HEADRACE) train tumor
	$(HEADRACE) train detector
endif

produce: .venv/demo  ## write test messages to Kafka: [TOPIC= N= BOOTSTRAP= FILE=]
	$(HEADRACE) produce --to kafka://$(BOOTSTRAP)/$(TOPIC) $(if $(N),--count $(N)) $(if $(FILE),--file $(FILE))

invoke: .venv/demo  ## call a worker: EVENT=file, or URL=image [OUT=boxes.png]
	@$(HEADRACE) invoke $(WORKER) $(if $(URL),--url '$(URL)',--event $(EVENT)) $(if $(OUT),--out $(OUT))

kafka: .venv/demo  ## start a real single-node Apache Kafka on PORT
	$(HEADRACE) kafka start --port $(PORT)

kafka-stop: .venv/demo  ## stop it
	$(HEADRACE) kafka stop

bench: .venv/dev .venv-bench/peers  ## measure everything beside what one would use instead
	$(BIN)/python -m benchmarks $(ARGS)

lock: .venv/dev  ## pin requirements/*.in anew, with hashes and without addresses
	cd requirements && $(LOCK) dev.in -o dev.txt
	cd requirements && for name in $(IMAGES); do $(LOCK) -c dev.txt $$name.in -o $$name.txt || exit 1; done

clean:  ## remove environments, models, reports and data
	rm -rf .venv .venv-bench var

# An environment is as fresh as its list of requirements.
.venv/%: requirements/%.txt | .venv/python
	$(BIN)/pip install --quiet --require-hashes -r $<
	@touch $@

.venv/training: requirements/training-detector.txt | .venv/python
	$(BIN)/pip install --quiet --require-hashes -r $<
	@touch $@

.venv-bench/peers: requirements/bench.txt
	$(PYTHON) -m venv .venv-bench
	.venv-bench/bin/pip install --quiet --require-hashes -r $<
	@touch $@

.venv/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Headrace needs Python 3.11 or newer")'
	$(PYTHON) -m venv .venv
	@touch $@
