#!/usr/bin/env bash
# Writes what packages of Python and of Debian the images hold, in CycloneDX: docker/sbom.sh [NAME...]
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
    # shellcheck disable=SC2016  # the names are dpkg-query's
    "${run[@]}" "headrace-$name" \
        dpkg-query --show --showformat '${Package} ${Version} ${Architecture}\n' |
        python3 docker/add_debian.py "$out/$name.cdx.json"
done
