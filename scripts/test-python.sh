#!/bin/sh
# `npm run test:python`: the official Python clients, unmodified, against a Sluice of the tests' own. They are installed
# into a virtual environment in .sluice/python, once for each list of requirements. Arguments go to pytest.
set -eu
CDPATH='' cd -- "$(dirname -- "$0")/.."

requirements=test/python/requirements.txt
environment=.sluice/python

say() { printf 'python: %s\n' "$*" >&2; }

command -v python3 >/dev/null 2>&1 || { say 'python3 was not found. Install Python 3.10 or newer.'; exit 1; }
if ! cmp -s "$requirements" "$environment/installed.txt"; then
  say "installing $(grep -c '==' "$requirements") packages into $environment (pip)"
  rm -rf "$environment"
  python3 -m venv "$environment" || { say 'python3 has no venv. On Debian: apt-get install python3-venv.'; exit 1; }
  "$environment/bin/pip" install --quiet --disable-pip-version-check -r "$requirements"
  cp "$requirements" "$environment/installed.txt"
fi
exec "$environment/bin/python" -m pytest -p no:cacheprovider -q --disable-warnings test/python "$@"
