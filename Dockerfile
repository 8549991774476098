# The hub in one image: `hub up` by default; the compose file runs `hub migrate`, `hub web` and `hub worker` from it.
# It runs as user 10001 and writes only to /data (and /tmp, if the root file system is read-only).

FROM python:3.11.14-slim-bookworm AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /source
RUN python -m venv /opt/hub

# Dependencies first: they change seldom, and this layer is kept until they do.
COPY pyproject.toml ./
RUN python -c "import tomllib; print(*tomllib.load(open('pyproject.toml', 'rb'))['project']['dependencies'], sep='\n')" \
        > requirements.txt \
    && /opt/hub/bin/pip install --only-binary :all: --requirement requirements.txt

COPY README.md LICENSE NOTICE ./
COPY schemas schemas
COPY hub hub
RUN /opt/hub/bin/pip install --no-deps . \
    && /opt/hub/bin/pip check \
    && /opt/hub/bin/pip uninstall --yes pip setuptools

FROM python:3.11.14-slim-bookworm
LABEL org.opencontainers.image.title="Crossdock" \
      org.opencontainers.image.description="A message-driven integration hub for sales channels" \
      org.opencontainers.image.licenses="MIT"
RUN python -m pip uninstall --yes pip setuptools wheel \
    && groupadd --gid 10001 hub \
    && useradd --uid 10001 --gid hub --no-create-home --home-dir /data --shell /usr/sbin/nologin hub \
    && install --directory --owner hub --group hub --mode 0750 /data
COPY --from=build /opt/hub /opt/hub
ENV PATH=/opt/hub/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HUB_DATA_DIR=/data \
    HUB_HOST=0.0.0.0 \
    HUB_PORT=8080
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8080/healthz', timeout=4)"]
ENTRYPOINT ["hub"]
CMD ["up"]
