#!/usr/bin/env bash
# Runs a command with the key that signs models in its environment: with_signing_key.sh COMMAND...
# Nothing else of a build sees the key: not its tests, nor what it installs.
#   SIGNING_KEY_SECRET  the secret that holds it, in AWS Secrets Manager; if it is empty, the key is
#                       HEADRACE_MODEL_SIGNING_KEY already
set -euo pipefail

if [[ -n ${SIGNING_KEY_SECRET:-} ]]; then
    HEADRACE_MODEL_SIGNING_KEY=$(
        aws secretsmanager get-secret-value --secret-id "$SIGNING_KEY_SECRET" \
            --query SecretString --output text
    ) || HEADRACE_MODEL_SIGNING_KEY=
fi
if [[ -z ${HEADRACE_MODEL_SIGNING_KEY:-} ]]; then
    echo "HEADRACE_MODEL_SIGNING_KEY is empty: readers would refuse the models; see docs/deploy.md" >&2
    exit 1
fi
export HEADRACE_MODEL_SIGNING_KEY
exec "$@"
