#!/usr/bin/env bash
# Builds the images that are named, or all four: docker/build.sh [NAME...]
#   BUILD       the command that builds (docker build)
#   BASE_IMAGE  another base than the Dockerfiles', with any Python from 3.11 on
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

(($#)) || set -- stream classifier detector training
read -ra build <<<"${BUILD:-docker build}"
for name; do
    "${build[@]}" ${BASE_IMAGE:+--build-arg "BASE_IMAGE=$BASE_IMAGE"} \
        --file "docker/$name.Dockerfile" --tag "headrace-$name" .
done
