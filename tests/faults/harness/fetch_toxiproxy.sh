#!/bin/sh
# Builds toxiproxy-server from the Go module proxy into .tools, where there is Go and it is not there yet.
set -eu
cd "$(dirname "$0")/../../.."
VERSION=v2.12.0
test -x .tools/toxiproxy-server && exit 0
command -v go >/dev/null || { echo "no Go on this machine: tests with cut connections are skipped"; exit 0; }
folder=$(mktemp -d)
GOBIN="$folder" go install "github.com/Shopify/toxiproxy/v2/cmd/server@$VERSION"
mkdir -p .tools
mv "$folder/server" .tools/toxiproxy-server
rmdir "$folder"
