# Kudos in a container. See docs/operations.md.
FROM python:3.11-slim AS build
WORKDIR /src
RUN python -m venv /opt/kudos
COPY requirements-postgres.lock ./
RUN /opt/kudos/bin/pip install --no-cache-dir --require-hashes -r requirements-postgres.lock
COPY pyproject.toml README.md ./
COPY bot ./bot
COPY handlers ./handlers
COPY storage ./storage
RUN /opt/kudos/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.11-slim
# The number is fixed, so that the volume has the same owner from image to image.
RUN useradd --system --uid 10001 --home-dir /var/lib/kudos --create-home kudos && chmod 0700 /var/lib/kudos
COPY --from=build /opt/kudos /opt/kudos
ENV PATH=/opt/kudos/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    KUDOS_SLACK__HOST=0.0.0.0 \
    KUDOS_SLACK__PORT=3000
USER kudos
# Where the file is, unless storage.url names a PostgreSQL: the image has both engines.
WORKDIR /var/lib/kudos
VOLUME /var/lib/kudos
EXPOSE 3000
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:3000/healthz', timeout=4)"]
# No shell: the bot itself must be the process that gets SIGTERM.
CMD ["kudos", "run", "--config", "/etc/kudos/app.yaml"]
