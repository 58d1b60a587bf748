#!/usr/bin/env bash
# Writes what Python packages the images hold, in CycloneDX: docker/sbom.sh [NAME...]
#   RUN     the command that runs an image (docker run --rm)
#   CYCLONEDX  the command that writes the list (cyclonedx-py)
#   OUT     where to (var/sbom)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

(($#)) || set -- stream classifier detector training
read -ra run <<<"${RUN:-docker run --rm}"
out=${OUT:-var/sbom}
mkdir -p "$out"
for name; do
    "${run[@]}" "headrace-$name" cat /opt/headrace/packages.txt |
        "${CYCLONEDX:-cyclonedx-py}" requirements --output-reproducible \
            --output-file "$out/$name.cdx.json" -
done
