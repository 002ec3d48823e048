#!/usr/bin/env bash
# Installs a peer in JavaScript that Sluice is tested against, when it is older than its sources.
#
#   build.sh FOLDER [SOURCES]     afterwards: node FOLDER/peer.mjs …
#
# SOURCES has a package.json, its lock, and modules; default the js-libp2p peer, which stands beside this script.
# Exits with 3, and a line that says so, when there is no Node.
set -euo pipefail

readonly node_needed=20 no_toolchain=3
here=$(cd "${2:-$(dirname "${BASH_SOURCE[0]}")}" && pwd -P)

say() { printf 'peers: %s\n' "$*" >&2; }

(($# == 1 || $# == 2)) || { say "usage: build.sh FOLDER [SOURCES]"; exit 2; }
mkdir -p "$1"
target=$(cd "$1" && pwd -P)

require_node() {
  local version
  version=$(command -v npm >/dev/null && node --version 2>/dev/null) || version=v0
  version=${version#v}
  if ((${version%%.*} < node_needed)); then
    say "no node with npm found that is new enough: install Node $node_needed or newer to run ${here##*/}"
    exit "$no_toolchain"
  fi
}

require_node
if command -v flock >/dev/null; then # two test runs may want the same folder
  exec 9>"$target/.lock"
  flock 9
fi
readonly installed=$target/.installed # as old as the last complete build
if [[ -e $installed && -z $(find "$here" -type f -newer "$installed" -print -quit) ]]; then
  exit
fi
if ! cmp -s "$here/package-lock.json" "$target/package-lock.json" || [[ ! -e $installed ]]; then
  say "installing ${here##*/} with node $(node --version)"
  rm -f "$installed"
  cp "$here/package.json" "$here/package-lock.json" "$here/.npmrc" "$target"
  (cd "$target" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2)
fi
cp "$here"/*.mjs "$target"
touch "$installed"
