#!/usr/bin/env bash
# Puts what these tests need into .tools: the schemas of the operators' kinds, which their Go modules hold, and kustomize
# where neither it nor kubectl is installed. Needs Go, and the Go module proxy.
set -euo pipefail
cd "$(dirname "$0")/../.."

KUSTOMIZE=sigs.k8s.io/kustomize/kustomize/v5@v5.5.0
CLOUDNATIVE_PG=github.com/cloudnative-pg/cloudnative-pg@v1.29.0
CERT_MANAGER=github.com/cert-manager/cert-manager@v1.18.2
PROMETHEUS_OPERATOR=github.com/prometheus-operator/prometheus-operator@v0.85.0

folder() { go mod download -json "$1" | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p'; }

mkdir -p .tools/crds
database=$(folder "$CLOUDNATIVE_PG")
certificates=$(folder "$CERT_MANAGER")
monitoring=$(folder "$PROMETHEUS_OPERATOR")
install -m 644 -t .tools/crds \
    "$database/config/crd/bases/postgresql.cnpg.io_clusters.yaml" \
    "$certificates/deploy/crds/crd-certificates.yaml" \
    "$certificates/deploy/crds/crd-issuers.yaml" \
    "$monitoring/example/prometheus-operator-crd/monitoring.coreos.com_servicemonitors.yaml" \
    "$monitoring/example/prometheus-operator-crd/monitoring.coreos.com_prometheusrules.yaml"

if ! command -v kustomize >/dev/null && ! command -v kubectl >/dev/null; then
    GOBIN="$PWD/.tools" go install "$KUSTOMIZE"
fi
