#!/usr/bin/env bash
# Builds the images that are named, or all four: docker/build.sh [NAME...]
#   BUILD       the command that builds (docker build)
#   BASE_IMAGE  another base than the Dockerfile's, with any Python from 3.11 on
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export DOCKER_BUILDKIT=1 # the Dockerfile needs it; before Docker 23 it was no default

# What makes an image the one that it is, as arguments of the Dockerfile.
declare -A arguments=(
    [stream]="REQUIREMENTS=stream ARGUMENT=workers.msk_consumer.handler"
    [classifier]="REQUIREMENTS=classifier ARGUMENT=workers.tumor_classifier.handler"
    [detector]="REQUIREMENTS=detector ARGUMENT=workers.object_detector.handler"
    [training]="REQUIREMENTS=training-detector TRIM=no MODULE=training ARGUMENT=tumor FOLDER=/tmp"
)
folders="FOLDERS=headrace models training workers" # of the training image

(($#)) || set -- stream classifier detector training
read -ra build <<<"${BUILD:-docker build}"
for name; do
    if [[ -z $name || -z ${arguments[$name]:-} ]]; then
        echo "docker/build.sh: no image is called '$name': ${!arguments[*]}" >&2
        exit 2
    fi
    options=()
    for argument in ${arguments[$name]} ${BASE_IMAGE:+"BASE_IMAGE=$BASE_IMAGE"}; do
        options+=(--build-arg "$argument")
    done
    [[ $name != training ]] || options+=(--build-arg "$folders")
    "${build[@]}" "${options[@]}" --file docker/Dockerfile --tag "headrace-$name" .
done
