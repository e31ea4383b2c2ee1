# One image for every process of Open Door: `serve`, `work`, `migrate` and the tools.
# `deploy/pin-digests` adds the digest to the base where a registry of images can be reached.
FROM python:3.11.14-slim-bookworm AS base

FROM base AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 UV_PYTHON_DOWNLOADS=never
WORKDIR /build
COPY requirements/build.txt requirements/runtime.txt requirements/
RUN python -m venv tools \
    && tools/bin/pip install --only-binary :all: --require-hashes -r requirements/build.txt \
    && tools/bin/uv venv --no-cache --python /usr/local/bin/python3 /opt/open-door \
    && tools/bin/uv pip install --no-cache --python /opt/open-door/bin/python \
        --no-build --require-hashes --compile-bytecode -r requirements/runtime.txt
COPY pyproject.toml README.md ./
COPY services services
COPY shared shared
RUN tools/bin/uv build --no-cache --wheel --no-build-isolation --python tools/bin/python -o wheel . \
    && tools/bin/uv pip install --no-cache --python /opt/open-door/bin/python \
        --no-deps --compile-bytecode wheel/*.whl

FROM base
ARG VERSION=0.1.0
LABEL org.opencontainers.image.title="Open Door" \
      org.opencontainers.image.version="${VERSION}"
# A named volume that is mounted here takes this owner; nothing else of the image can be written.
RUN install -d -o 10001 -g 10001 /var/lib/open-door /var/lib/open-door/issuer
COPY --from=build /opt/open-door /opt/open-door
ENV PATH=/opt/open-door/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    OPENDOOR_DATA_DIR=/var/lib/open-door \
    OPENDOOR_HOST=0.0.0.0
WORKDIR /var/lib/open-door
USER 10001:10001
EXPOSE 8000 8081
ENTRYPOINT ["opendoor"]
CMD ["--help"]
