#!/usr/bin/env bash
# Resolves requirements*.in into requirements*.txt: exact versions with hashes, for Python 3.11.
# Run after a change of a .in file: tools/lock.sh   (newer versions of everything: tools/lock.sh --upgrade)
set -euo pipefail
cd "$(dirname "$0")/.."
for name in requirements requirements-dev; do
    .venv/bin/pip-compile "$@" --quiet --generate-hashes --allow-unsafe --strip-extras \
        --no-emit-index-url --no-emit-find-links --output-file="$name.txt" "$name.in"
done
