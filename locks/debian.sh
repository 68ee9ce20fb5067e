#!/bin/sh
# Install the Debian packages named as arguments, or say which are missing when we may not.
set -eu
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
	echo "· Debian packages: $*"
	log=$(mktemp)
	{ apt-get update -qq || true; DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"; } >"$log" 2>&1 ||
		{ tail -n 20 "$log"; rm -f "$log"; exit 1; }
	rm -f "$log"
else
	echo "This needs packages that are not installed and that only root can install: $*" >&2
	echo "On Debian or Ubuntu: sudo apt-get install $*" >&2
	exit 1
fi
