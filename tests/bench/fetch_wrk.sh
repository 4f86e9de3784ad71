#!/bin/sh
# Puts the load generator wrk into .tools from the packages of Debian or Ubuntu, without installing anything, where it
# is not on this machine yet.
set -eu
cd "$(dirname "$0")/../.."
test -x .tools/wrk && exit 0
command -v wrk >/dev/null && exit 0
command -v apt-get >/dev/null || { echo "no wrk on this machine: what it would measure is left out"; exit 0; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
(
	cd "$folder"
	apt-get -qq download wrk libluajit-5.1-2 2>/dev/null && for package in *.deb; do dpkg-deb -x "$package" .; done
) || { echo "wrk is not to be had: what it would measure is left out"; exit 0; }
mkdir -p .tools/wrk-files
cp "$folder"/usr/bin/wrk "$folder"/usr/lib/*/libluajit-5.1.so.2 .tools/wrk-files
cat >.tools/wrk <<'END'
#!/bin/sh
LD_LIBRARY_PATH="${0%/*}/wrk-files" exec "${0%/*}/wrk-files/wrk" "$@"
END
chmod +x .tools/wrk
