# The usual way to put these models on Lambda: packages as pip leaves them, no trimming.
ARG BASE_IMAGE=python:3.12-slim
FROM ${BASE_IMAGE}
COPY requirements/bench.txt requirements/stream.txt /build/
RUN --mount=type=cache,target=/root/.cache/pip \
    python3 -m pip install --only-binary=:all: --require-hashes --target /opt/packages \
        --requirement /build/bench.txt --requirement /build/stream.txt
ENV HOME=/tmp PYTHONPATH=/opt/functions:/opt/packages
USER 10001:10001
ENTRYPOINT ["/usr/bin/env"]
CMD ["python3", "-m", "awslambdaric", "classifier_function.handler"]
