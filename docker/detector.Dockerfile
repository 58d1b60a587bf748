# The object detector: an image URL in; boxes, scores and class names out.
ARG BASE_IMAGE=python:3.12-slim@sha256:dddfd7e07f9d15aeeca61529320492139d21cac7f0070c00609243e51e4e0016

FROM ${BASE_IMAGE} AS builder
WORKDIR /opt/headrace
COPY requirements/detector.txt docker/trim.py /build/
RUN --mount=type=cache,target=/root/.cache/pip \
    python3 -m pip install --no-compile --only-binary=:all: --require-hashes \
        --target packages --requirement /build/detector.txt \
    && python3 -m pip freeze --path packages > packages.txt \
    && python3 /build/trim.py packages \
    && python3 -m compileall -q -j 0 --invalidation-mode unchecked-hash packages
COPY workers app/workers
COPY models app/models
COPY headrace app/headrace
RUN python3 -m compileall -q --invalidation-mode unchecked-hash app && chmod -R a+rX app

FROM ${BASE_IMAGE}
RUN --mount=type=bind,source=docker/remove_installers.py,target=/remove_installers.py \
    python3 -B /remove_installers.py && install -d -o 10001 -g 10001 /mnt/models /var/lib/headrace
COPY --from=builder /opt/headrace/packages.txt /opt/headrace/
COPY --from=builder /opt/headrace/packages /opt/headrace/packages
COPY --from=builder /opt/headrace/app /opt/headrace/app
# Nothing here computes by BLAS, which would start a thread for every processor as numpy is imported.
ENV HOME=/tmp HEADRACE_MODEL_ROOT=/mnt/models PYTHONPATH=/opt/headrace/app:/opt/headrace/packages PYTHONDONTWRITEBYTECODE=1 \
    OPENBLAS_NUM_THREADS=1
WORKDIR /opt/headrace
USER 10001:10001
# AWS Lambda wants an absolute path here; which Python it is, the base image says.
ENTRYPOINT ["/usr/bin/env"]
CMD ["python3", "-m", "awslambdaric", "workers.object_detector.handler"]
