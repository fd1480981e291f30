# syntax=docker/dockerfile:1
# Pin the base by digest in your own build: the digest of a tag moves with each security update.
FROM python:3.13-slim-bookworm AS build
WORKDIR /src
RUN python -m venv /opt/inferctl
COPY requirements/runtime.txt requirements/build.txt requirements/
RUN /opt/inferctl/bin/pip install --no-cache-dir --require-hashes -r requirements/runtime.txt \
    && python -m venv /opt/build \
    && /opt/build/bin/pip install --no-cache-dir --require-hashes -r requirements/build.txt
COPY pyproject.toml README.md LICENSE ./
COPY src src
# Compiled here: a read-only container could not keep the bytecode, and each start would pay for it.
RUN /opt/build/bin/python -m hatchling build -t wheel -d dist \
    && /opt/inferctl/bin/pip install --no-cache-dir --no-deps dist/*.whl \
    && /opt/inferctl/bin/python -m compileall -q /opt/inferctl/lib

FROM python:3.13-slim-bookworm
ARG REVISION=unknown
LABEL org.opencontainers.image.title="inferctl" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=build /opt/inferctl /opt/inferctl
ENV PATH="/opt/inferctl/bin:${PATH}" PYTHONDONTWRITEBYTECODE=1
RUN useradd --system --uid 10001 --no-create-home inferctl
USER 10001
WORKDIR /repository
ENTRYPOINT ["inferctl"]
CMD ["--help"]
