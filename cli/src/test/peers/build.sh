#!/usr/bin/env bash
# Builds the Go peers that Sluice is tested against, those that are older than their sources.
#
#   build.sh FOLDER [PEER…]     makes FOLDER/PEER; peers: lassie lassie23 gopeer gopeer1 gopeer14 kubo dsyncpeer beepeer beepeer1 (all without an argument);
#                               promtool, which is no peer, by its name only
#
# Exits with 3, and a line that says so, when there is no Go. The first build on a machine fetches modules and
# takes minutes; with a warm module and build cache it takes seconds, with nothing to do no time at all.
set -euo pipefail

readonly no_toolchain=3
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)

say() { printf 'peers: %s\n' "$*" >&2; }

(($# > 0)) || { say "usage: build.sh FOLDER [PEER]…"; exit 2; }
target=$1
shift
(($# > 0)) || set -- lassie lassie23 gopeer gopeer1 gopeer14 kubo dsyncpeer beepeer beepeer1
mkdir -p "$target"
target=$(cd "$target" && pwd -P)

is_built() { # PEER FOLDER…
  local peer=$target/$1
  [[ -x $peer && -z $(cd "$here" && find "${@:2}" -type f ! -name '*.md' -newer "$peer" -print -quit) ]]
}

# Static and without the path of this checkout, so that the same sources make the same file. Go takes the versions from
# go.mod and go.sum, and changes neither.
build() {
  local peer=$1 from=$1 package=. choice=()
  case $peer in
    lassie | lassie23) package=github.com/filecoin-project/lassie/cmd/lassie ;;
    kubo) package=github.com/ipfs/kubo/cmd/ipfs ;;
    promtool) package=github.com/prometheus/prometheus/cmd/promtool ;;
    gopeer | gopeer1 | dsyncpeer | beepeer | beepeer1) ;;
    gopeer14) from=gopeer1 choice=(-modfile="../$peer/go.mod" -tags=graphsync12) ;; # the same program over older libraries
    *) say "no such peer: $peer"; exit 2 ;;
  esac
  is_built "$peer" "$peer" "$from" && return
  if ! command -v go >/dev/null; then
    say "no go command found: install Go 1.25.7 or newer to build $peer"
    exit "$no_toolchain"
  fi
  say "building $peer with $(go env GOVERSION)"
  (cd "$here/$from" && CGO_ENABLED=0 GOFLAGS='' GOWORK=off \
    go build "${choice[@]}" -mod=readonly -trimpath -buildvcs=false -ldflags='-s -w' -o "$target/.$peer.new" "$package")
  mv "$target/.$peer.new" "$target/$peer"
}

if command -v flock >/dev/null; then # two test runs may want the same folder
  exec 9>"$target/.lock"
  flock 9
fi
for peer in "$@"; do
  build "$peer"
done
