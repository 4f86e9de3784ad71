# Like python:3-slim-bookworm: `python`, `python3` and `pip` can be used, pip may install into the system, and is itself
# no part of Debian's Python.
FROM metarr-test/debian
ENV LANG=C.UTF-8
RUN apt-get update -q \
    && apt-get install -qy --no-install-recommends netbase python3 python3-venv tzdata \
    && rm -rf /var/lib/apt/lists/* /usr/lib/python3*/EXTERNALLY-MANAGED \
    && ln -s python3 /usr/bin/python \
    && wheel=$(ls /usr/share/python-wheels/pip-*.whl) \
    && python3 "$wheel/pip" install --no-index --ignore-installed --root-user-action ignore "$wheel"
CMD ["python3"]
