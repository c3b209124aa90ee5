#!/bin/sh
# Brings a checkout to where `npm run` works: the packages, and a Redis server for Sluice to start.
# It runs before every npm script that needs them, so it does nothing, quickly, when both are there.
#
#   sh scripts/setup.sh                    packages and Redis
#   sh scripts/setup.sh --without-redis    packages only
#
# Redis is also left out when SLUICE_SKIP_REDIS is set, and before `npm start`, `npm run api` and
# `npm run worker` when REDIS_URL names the server to use. Tests, demo and bench always need the binary.
set -euf
CDPATH='' cd -- "$(dirname -- "$0")/.."

oldest_redis=7.0
more_directories=/usr/sbin:/usr/local/bin:/usr/local/sbin:/opt/homebrew/bin
stamp_file=node_modules/.sluice-setup

say() { printf 'setup: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

# --- packages ---

# One checkout may be seen by two machines, of which each needs its own Node binary.
stamp() { printf '%s %s\n' "$(cksum <package-lock.json)" "$(uname -sm)"; }

packages_are_ready() {
  [ -x node_modules/node/bin/node ] || [ -e node_modules/.sluice-system-node ] || return 1
  if [ -e "$stamp_file" ]; then
    [ "$(cat "$stamp_file")" = "$(stamp)" ]
    return
  fi
  # npm writes its own lock last: when that is newer than ours, somebody has just run `npm ci` by hand.
  [ -n "$(find node_modules/.package-lock.json -newer package-lock.json 2>/dev/null)" ] && stamp >"$stamp_file"
}

# npm puts node_modules/.bin first on PATH, and a `node` from there would be deleted while npm runs on it.
leave_local_binaries() {
  kept=''
  old_ifs=$IFS
  IFS=:
  for directory in $PATH; do
    case $directory in
      */node_modules/.bin | */node_modules/.bin/) ;;
      *) kept=$kept${kept:+:}$directory ;;
    esac
  done
  IFS=$old_ifs
  PATH=$kept
}

# Flags beat whatever a surrounding npm, NODE_ENV or an .npmrc would leave out or put elsewhere.
npm_here() {
  npm "$@" --include=dev --include=optional --location=project --global=false --workspaces=false \
    --dry-run=false --package-lock=true --package-lock-only=false --bin-links=true \
    --engine-strict=false --loglevel=error --progress=false </dev/null >&2
}

install_packages() {
  leave_local_binaries
  have npm || die 'npm was not found. Install Node.js 20 or newer, which brings npm, then try again.'
  say 'installing packages (npm ci)'
  npm_here ci || die 'npm ci failed, for the reason above.'
  # The package `node` fetches its binary in an install script, which a user may have switched off for all.
  [ -x node_modules/node/bin/node ] || npm_here rebuild node --ignore-scripts=false || true
  node_modules/.bin/node -e '' 2>/dev/null || use_system_node
  stamp >"$stamp_file"
}

# Where the binary of the package cannot run (musl, say), any Node that runs TypeScript does as well.
use_system_node() {
  old_enough='const [a, b] = process.versions.node.split(".").map(Number);
    process.exit((a > 22 || (a === 22 && b >= 19)) && process.features.typescript ? 0 : 1)'
  node -e "$old_enough" 2>/dev/null ||
    die 'npm ci left no node_modules/.bin/node that runs. Sluice runs on Node 24, which comes as the npm' \
      'package "node". Try `npm rebuild node --ignore-scripts=false`, or install Node.js 24.'
  rm -f node_modules/.bin/node
  : >node_modules/.sluice-system-node
}

# --- Redis ---

# Leaves the path in `redis`, or the version that was too old in `too_old`.
find_redis() {
  redis='' too_old=''
  directories=$PATH:$more_directories
  old_ifs=$IFS
  IFS=:
  for directory in $directories; do
    for name in redis-server valkey-server; do
      [ -z "$redis" ] && [ -x "$directory/$name" ] || continue
      if is_new_enough "$directory/$name"; then redis=$directory/$name; else too_old="$name $version"; fi
    done
  done
  IFS=$old_ifs
  [ -n "$redis" ]
}

is_new_enough() {
  version=$("$1" --version 2>/dev/null) || version=''
  version=${version#*v=}
  version=${version%% *}
  major=${version%%.*}
  minor=${version#*.}
  minor=${minor%%.*}
  case "$major:$minor" in *[!0-9:]* | :* | *:) return 1 ;; esac
  [ "$major" -gt "${oldest_redis%.*}" ] ||
    { [ "$major" -eq "${oldest_redis%.*}" ] && [ "$minor" -ge "${oldest_redis#*.}" ]; }
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    env "$@"
  elif have sudo; then
    sudo env "$@"
  else
    say "this needs root, and there is no sudo: $*"
    return 1
  fi </dev/null >/dev/null
}

# Debian starts what it installs. Nobody asked for a service here: a masked unit, or run level 1 where
# there is no systemd, keeps it down.
apt_install() {
  quiet='DEBIAN_FRONTEND=noninteractive RUNLEVEL=1'
  as_root apt-get -qq update || say 'apt-get update failed; trying with the package lists there are'
  if [ -d /run/systemd/system ]; then as_root systemctl --quiet mask "$1.service" || true; fi
  status=0
  # shellcheck disable=SC2086 # two assignments for env
  as_root $quiet apt-get -qq -o DPkg::Lock::Timeout=120 install -y --no-install-recommends "$1" || status=$?
  if [ -d /run/systemd/system ]; then
    as_root systemctl --quiet unmask "$1.service" || true
    as_root systemctl --quiet disable "$1.service" || true
  fi
  return "$status"
}

install_redis() {
  if have apt-get; then
    say 'installing redis-server (apt-get)'
    apt_install redis-server || apt_install valkey-server
  elif have dnf; then
    say 'installing redis (dnf)'
    as_root dnf install -y -q redis || as_root dnf install -y -q valkey
  elif have apk; then
    say 'installing redis (apk)'
    as_root apk add -q redis || as_root apk add -q valkey
  elif have brew; then
    say 'installing redis (brew)'
    brew install --quiet redis </dev/null >/dev/null
  else
    return 1
  fi
}

provide_redis() {
  install_redis || true
  find_redis && return
  [ -z "$too_old" ] || say "found $too_old, which is too old"
  die "Sluice needs redis-server or valkey-server $oldest_redis or newer on PATH. Install one of them (the" \
    'package is called redis-server, redis or valkey), or set REDIS_URL to a server that runs elsewhere.'
}

redis_is_wanted() {
  [ "${1-}" != --without-redis ] && [ -z "${SLUICE_SKIP_REDIS-}" ] || return 1
  case ${npm_lifecycle_event-} in prestart | preapi | preworker) [ -z "${REDIS_URL-}" ] ;; esac
}

# --- both ---

# Two npm scripts started at once must not both install.
take_turns() {
  have flock && mkdir -p .sluice && : >>.sluice/setup.lock || return
  exec 9>>.sluice/setup.lock
  flock 9
}

packages_are_ready || {
  take_turns 2>/dev/null || true
  packages_are_ready || install_packages
}
if redis_is_wanted "${1-}" && ! find_redis; then
  take_turns 2>/dev/null || true
  find_redis || provide_redis
fi
