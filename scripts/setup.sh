#!/bin/sh
# setup.sh: installs the packages of packages.txt that are missing. Plain sh, for Python may be one of them.
#
#   setup.sh [--yes]         --yes never asks for a password
#   setup.sh --for-start     says nothing when there is nothing to do; goes on where only optional packages are missing
#
# Exit status: 0 nothing is missing (any more); 1 something is, and the line to mend it has been printed.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
list=${RUSH_PACKAGES:-"$here/packages.txt"}
ask=yes
caller=setup
for option in "$@"; do
  case $option in
  --yes | -y) ask=no ;;
  --for-start) caller=start ;;
  *)
    printf 'rush: setup has no option %s.\nNext step: scripts/rush setup [--yes]\n' "$option" >&2
    exit 2
    ;;
  esac
done

say() { printf 'rush: %s\n' "$*" >&2; }
# Other sources' nodejs brings npm along and refuses to stand beside Debian's: what a package provides is there, too.
provided=" $(dpkg-query -W -f='${db:Status-Status} ${Provides}\n' 2>/dev/null | sed -n 's/([^)]*)//g; s/,/ /g; s/^installed //p' || :) "
installed() {
  case $(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null || :) in installed) return 0 ;; esac
  case $provided in *[[:space:]]"$1"[[:space:]]*) return 0 ;; esac
  return 1
}

# names that are not installed; $1 = required, optional, or any
missing() {
  while read -r name _version need _why; do
    case $name in '' | '#'*) continue ;; esac
    case $1 in any | "$need") ;; *) continue ;; esac
    installed "$name" || printf '%s ' "$name"
  done <"$list"
}

if ! command -v dpkg-query >/dev/null 2>&1 || ! command -v apt-get >/dev/null 2>&1; then
  say 'this is not a Debian or Ubuntu system: install the equivalents of these packages yourself, then go on:'
  grep -v '^#' "$list" | sed 's/^/  /' >&2
  [ "$caller" = start ] && exit 0
  exit 1
fi

wanted=$(missing any)
if [ -z "$wanted" ]; then
  [ "$caller" = start ] || say 'every package is installed.'
  exit 0
fi

if [ "$(id -u)" -eq 0 ]; then
  as_root=''
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
  as_root='sudo -n'
elif [ $ask = yes ] && command -v sudo >/dev/null 2>&1 && [ -t 0 ] && [ -t 2 ]; then
  say 'sudo will ask for your password, to install packages.'
  as_root='sudo'
else
  say "packages are missing and this account may not install them. Next step, as an administrator:"
  printf '  apt-get update && apt-get install -y --no-install-recommends %s\n' "$wanted" >&2
  if [ "$caller" = start ] && [ -z "$(missing required)" ]; then exit 0; fi
  exit 1
fi

say "installing: $wanted"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
trap 'exit 130' INT TERM
# A stale or absent package index is the usual reason for a failed install, so refresh it; offline, go on without.
if ! $as_root apt-get -q update >"$log" 2>&1; then
  say 'apt-get update did not succeed; trying with the package lists that are here.'
fi

available=''
for name in $wanted; do
  if apt-cache show "$name" >/dev/null 2>&1; then
    available="$available $name"
  else
    say "this system's package sources do not have $name (on Ubuntu, enable 'universe')."
  fi
done

if [ -n "$available" ]; then
  # shellcheck disable=SC2086  # word lists on purpose
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $available >"$log" 2>&1 || {
    tail -n 15 "$log" >&2
    say 'apt-get failed; its last lines are above.'
  }
fi

left=$(missing required)
if [ -n "$left" ]; then
  say "still missing: $left"
  say "Next step: ${as_root:+sudo }apt-get update && ${as_root:+sudo }apt-get install -y --no-install-recommends $left"
  exit 1
fi
optional=$(missing optional)
[ -z "$optional" ] || say "installed, except for the optional: $optional"
[ -n "$optional" ] || say 'every package is installed.'
