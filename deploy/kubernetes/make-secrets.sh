#!/bin/sh
# Makes the Secrets of an overlay where they are missing, with kubectl: the key of the web, a password for each user of
# NATS and for the routes between its servers, and one for each role of PostgreSQL. What is there stays; for another
# password delete its Secret and run this again. Nothing of it is shown or is an argument of a process.
#
#   deploy/kubernetes/make-secrets.sh NAMESPACE
set -eu
namespace=${1:?the namespace: metarr, metarr-dev}

# Needs no quotes anywhere: NATS takes what begins with a digit for a number.
random() { LC_ALL=C tr -dc 'a-zA-Z' </dev/urandom | head -c 1; LC_ALL=C tr -dc 'a-zA-Z0-9' </dev/urandom | head -c 39; }

make() { # NAME KEY [USER of PostgreSQL]
    if kubectl --namespace "$namespace" get secret "$1" --output name >/dev/null 2>&1; then
        return
    fi
    {
        echo 'apiVersion: v1'
        echo 'kind: Secret'
        echo 'metadata:'
        echo "  name: $1"
        echo '  labels:'
        echo '    app.kubernetes.io/part-of: metarr'
        if [ $# = 3 ]; then
            # CloudNativePG takes a changed password of such a one at once.
            echo '    cnpg.io/reload: "true"'
            echo 'type: kubernetes.io/basic-auth'
        fi
        echo 'stringData:'
        if [ $# = 3 ]; then echo "  username: $3"; fi
        echo "  $2: $(random)"
    } | kubectl --namespace "$namespace" create --filename -
}

make metarr-api-key api-key
for user in setup gateway enricher scheduler projector operator routes; do
    make "metarr-nats-$user" password
done
make metarr-postgres-owner password metarr
make metarr-postgres-writer password metarr_writer
make metarr-postgres-reader password metarr_reader
