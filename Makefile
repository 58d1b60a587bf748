# Everything a user or a developer does, in one word each. `make help` lists them.

PYTHON    ?= python3
BIN       := .venv/bin
HEADRACE  := $(BIN)/python -m headrace
BOOTSTRAP ?= 127.0.0.1:9092
TOPIC     ?= tumors
PORT      ?= 9092
IMAGES    := stream classifier detector training training-detector demo bench
PEERS     := bench-streams bench-quix bench-queues bench-serve
STACK     ?= headrace
CONFORM   := headrace.testing.conformance
ON        := Kafka Moto MiniStack ElasticMq
SAM       := SAM_CLI_TELEMETRY=0 .venv-deploy/bin/sam
DETECT     = $(HEADRACE) invoke $(or $(WORKER),workers.object_detector) $(if $(FILE),--file '$(FILE)') $(if $(URL),--url '$(URL)')
OUTPUT     = $$(aws cloudformation describe-stacks --stack-name $(STACK) --output text --query "Stacks[0].Outputs[?OutputKey=='$(1)'].OutputValue")
NEEDED     = $(or $(1),$(error $(2) is missing: see `make help`))
LOCK      := ../$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"

# A stack is deleted only if its buckets are empty, of earlier versions, too.
define EMPTY_BUCKETS
import boto3, botocore.exceptions, sys
try:
    for one in boto3.resource("cloudformation").Stack(sys.argv[1]).resource_summaries.all():
        if one.resource_type == "AWS::S3::Bucket" and one.resource_status != "DELETE_COMPLETE":
            boto3.resource("s3").Bucket(one.physical_resource_id).object_versions.delete()
except (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError) as error:
    sys.exit(f"the buckets of {sys.argv[1]} cannot be emptied: {error}")
endef
export EMPTY_BUCKETS

# Thousands of tests and hundreds of their processes import the same files: compile them once.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help demo test test-quick test-images lint format train produce invoke kafka kafka-stop dist images sbom docs lint-deploy deploy logs rollback destroy chaos soak conformance bench lock clean

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

demo: .venv/demo  ## set up everything and run the main job on an embedded Kafka and Kinesis
	@$(BIN)/python -m demo

test: .venv/dev .venv-deploy/tools .venv-bench-conformance/peers  ## run every test; starts a real Kafka if Java and Maven, or Docker, are there
	$(BIN)/pytest -m "not containers" $(ARGS)

test-quick: .venv/dev  ## run the tests that need no broker and no container, and are not slow
	$(BIN)/pytest -m "not (kafka or kinesis or postgres or slow or acceptance or containers)" $(ARGS)

test-images: .venv/dev .venv-deploy/tools  ## build the container images and test them (needs podman and buildah)
	$(BIN)/pytest -m containers $(ARGS)

lint: .venv/dev  ## ruff, strict types, and four figures: imports of a poller, long files, large classes, circles
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m tests.figures

format: .venv/dev  ## put the code into the one format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

train: .venv/training  ## train and publish the models, DETECTOR=digits for ours; or import one: ARCHIVE=path-or-URL [SHA256=...]
ifdef ARCHIVE
	$(BIN)/python -m training import '$(ARCHIVE)' $(if $(SHA256),--sha256 $(SHA256))
else
	$(if $(filter-out objects digits,$(DETECTOR)),$(error DETECTOR is objects or digits, not $(DETECTOR)))
	$(BIN)/python -m training tumor
	$(BIN)/python -m training $(if $(filter digits,$(DETECTOR)),detector,objects)
endif

produce: .venv/demo  ## write test messages to Kafka, tumour data or FILE=lines: [TOPIC= N= BOOTSTRAP=]
	$(HEADRACE) produce --to kafka://$(BOOTSTRAP)/$(TOPIC) $(if $(N),--count $(N)) \
		$(if $(FILE),--file '$(FILE)',--rows training.tumor.data:messages)

ifdef FUNCTION
invoke: .venv-deploy/tools
	@$(SAM) remote invoke $(STACK)-$(FUNCTION) --parameter Qualifier=live $(if $(URL),--event '{"url":"$(URL)"}',--event-file '$(call NEEDED,$(EVENT),EVENT= or URL=)')
else
invoke: .venv/demo  ## ask the classifier, EVENT=file, or the detector, URL= or FILE=picture [OUT=boxes.png]; or a deployed one: FUNCTION=
ifdef EVENT
	@$(HEADRACE) invoke $(or $(WORKER),workers.tumor_classifier) --event '$(EVENT)'
else
	@$(DETECT)
ifdef OUT
	@$(DETECT) --field draw=true --out '$(OUT)'
endif
endif
endif

kafka: .venv/demo  ## start a real single-node Apache Kafka on PORT
	$(HEADRACE) kafka start --port $(PORT)

kafka-stop: .venv/demo  ## stop it
	$(HEADRACE) kafka stop

dist: .venv/dev  ## build the wheel and the source distribution, into var/dist
	$(BIN)/uv build --quiet --out-dir var/dist

images:  ## build the four container images with Docker
	docker/build.sh

sbom: .venv-deploy/tools  ## list what the images hold, in CycloneDX
	CYCLONEDX=.venv-deploy/bin/cyclonedx-py docker/sbom.sh

docs: .venv-docs/tools  ## build the documentation as a site, into var/site
	NO_MKDOCS_2_WARNING=1 .venv-docs/bin/mkdocs build --quiet --strict --site-dir var/site

lint-deploy: .venv-deploy/tools  ## check the template and the Dockerfile, without an account
	$(SAM) validate --lint --region us-east-1
	.venv-deploy/bin/cfn-lint template.yaml
	.venv-deploy/bin/hadolint docker/Dockerfile

deploy: .venv-deploy/tools  ## build the images, deploy the stack, start a training: [STACK= PARAMETERS="Name=value ..."]
	@git rev-parse --quiet --verify HEAD >/dev/null || { echo 'What is deployed trains from a commit: this tree is no clone of git with one'; exit 1; }
	$(SAM) build
	$(SAM) deploy --stack-name $(STACK) $(if $(PARAMETERS),--parameter-overrides $(PARAMETERS))
	@mkdir -p var
	git archive --format=zip --output=var/source.zip HEAD
	aws s3 cp var/source.zip "s3://$(call OUTPUT,Bucket)/source.zip"

logs:  ## follow a deployed function's log: FUNCTION=msk-consumer
	aws logs tail /aws/lambda/$(STACK)-$(call NEEDED,$(FUNCTION),FUNCTION=) --follow --since 10m

rollback:  ## point a deployed model back: MODEL=tumor [VERSION=]
	aws codebuild start-build --project-name $(STACK)-training --query build.id --output text \
		--environment-variables-override 'name=ROLLBACK,value="$(strip $(call NEEDED,$(MODEL),MODEL=) $(VERSION))"'

destroy: .venv-deploy/tools  ## delete the stack with all that it holds, once you have said yes: [STACK=]
	@printf 'Delete %s with its models, uploads, results and messages? [y/N] ' '$(STACK)'; read answer && [ "$$answer" = y ]
	@.venv-deploy/bin/python -c "$$EMPTY_BUCKETS" '$(STACK)'
	$(SAM) delete --no-prompts --stack-name $(STACK)

chaos: .venv/dev  ## kill runners and the broker for some minutes, then judge what they did; the same with queues, tables, transactions and @once
	$(BIN)/python -m tests.chaos.run $(ARGS)
	CHAOS_MESSAGES=100000 CHAOS_KILLS=20 $(BIN)/pytest -n 0 tests/chaos/test_queue_chaos.py tests/chaos/test_table_chaos.py
	CHAOS_RECORDS=300000 CHAOS_EFFECTS=20000 CHAOS_KILLS=30 CHAOS_RESTARTS=5 $(BIN)/pytest -n 0 --timeout 7200 \
		tests/headrace/sinks/test_table_kill.py tests/headrace/idempotency/test_once_kill.py \
		tests/headrace/runner/kafka/transactions/test_kill.py tests/headrace/runner/kafka/transactions/test_outage.py
	CHAOS_PUBLISHES=500 $(BIN)/pytest -n 0 tests/headrace/store/test_races.py

soak: .venv/dev  ## 20,000 random schedules of the runner, 10,000 on a real Kafka, a million events, a minute of load, 10,000 large records
	SOAK=20000 $(BIN)/pytest tests/headrace/runner/simulation --timeout 7200 $(ARGS)
	SOAK=10000 $(BIN)/pytest tests/headrace/testing/test_histories.py --timeout 600 $(ARGS)
	SOAK_EVENTS=1000000 $(BIN)/pytest tests/headrace/sources/test_fuzz.py --timeout 7200 $(ARGS)
	SOAK_SECONDS=60 SOAK_SWAPS=100 $(BIN)/pytest tests/headrace/serve/test_load.py --timeout 600 $(ARGS)
	SOAK_SWAPS=100 $(BIN)/pytest -k swaps tests/headrace/store/live/test_swaps.py tests/workers/object_detector/test_new_versions.py $(ARGS)
	LARGE_RECORDS=10000 $(BIN)/pytest -n 0 tests/headrace/runner/test_large_records.py --timeout 3600 $(ARGS)

conformance: .venv/dev .venv-bench-conformance/peers  ## hold the runner, in memory and on stand-ins, moto and MiniStack against what AWS promises of a mapping, into docs/conformance.md
	HEADRACE_TESTING_MINISTACK=.venv-bench-conformance/bin/ministack $(BIN)/python -m headrace.testing.conformance \
		$(CONFORM).memory.adapter:MemoryAdapter $(ON:%=$(CONFORM).live.stand_ins:On%) \
		$(CONFORM).peers.moto:Moto $(CONFORM).peers.ministack:MiniStack \
		--page docs/conformance.md

bench: .venv/dev .venv-bench/peers $(PEERS:%=.venv-%/peers)  ## measure everything beside what one would use instead
	$(BIN)/python -m benchmarks $(ARGS)

lock: .venv/dev  ## pin requirements/*.in anew, with hashes and without addresses
	cd requirements && $(LOCK) dev.in -o dev.txt && $(LOCK) deploy.in -o deploy.txt && $(LOCK) docs.in -o docs.txt
	cd requirements && for name in $(IMAGES); do $(LOCK) -c dev.txt $$name.in -o $$name.txt || exit 1; done
	cd requirements && for name in $(PEERS) bench-conformance; do $(LOCK) $$name.in -o $$name.txt || exit 1; done

clean:  ## stop Kafka; remove environments, models, reports and data
	-@test ! -d var/kafka || $(MAKE) --no-print-directory kafka-stop
	rm -rf .aws-sam .venv .venv-* var

# An environment is as fresh as its list of requirements.
.venv/%: requirements/%.txt | .venv/python
	$(BIN)/pip install --quiet --no-deps --require-hashes -r $<
	@touch $@

.venv/training: requirements/training-detector.txt | .venv/python
	$(BIN)/pip install --quiet --no-deps --require-hashes -r $<
	@touch $@

.venv-docs/tools: requirements/docs.txt
	$(PYTHON) -m venv .venv-docs
	.venv-docs/bin/pip install --quiet --no-deps --require-hashes -r $<
	@touch $@

.venv-deploy/tools: requirements/deploy.txt
	$(PYTHON) -m venv .venv-deploy
	.venv-deploy/bin/pip install --quiet --no-deps --require-hashes -r $<
	@touch $@

.venv-bench/peers: requirements/bench.txt
	$(PYTHON) -m venv .venv-bench
	.venv-bench/bin/pip install --quiet --no-deps --require-hashes -r $<
	@touch $@

.venv-bench-%/peers: requirements/bench-%.txt
	$(PYTHON) -m venv .venv-bench-$*
	.venv-bench-$*/bin/pip install --quiet --no-deps --require-hashes -r $<
	@touch $@

.venv/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Headrace needs Python 3.11 or newer")'
	$(PYTHON) -m venv .venv
	@touch $@
