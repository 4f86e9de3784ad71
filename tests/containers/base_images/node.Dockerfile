# Like node:24-bookworm-slim: `node` and `npm`.
FROM metarr-test/python
ENV NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt
COPY requirements-node.lock /tmp/
RUN pip install --no-cache-dir --require-hashes --requirement /tmp/requirements-node.lock
CMD ["node"]
