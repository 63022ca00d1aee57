# Build: docker build -t bookapp .
# Run:   docker run -p 127.0.0.1:8000:8000 -v bookapp:/data bookapp
ARG BASE_IMAGE=python:3.13-slim-bookworm

FROM ${BASE_IMAGE} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
RUN python3 -m venv /opt/bookapp
WORKDIR /build
# The dependencies come first: they change less often than the code, and this layer is then kept.
COPY requirements.lock ./
RUN /opt/bookapp/bin/pip install --quiet --require-hashes --only-binary=:all: -r requirements.lock
COPY pyproject.toml README.md LICENSE NOTICE hypercorn.toml ./
COPY src ./src
RUN /opt/bookapp/bin/pip install --quiet --no-deps . \
    && /opt/bookapp/bin/pip uninstall --quiet --yes pip \
    # What nobody needs to serve: test suites, C sources, type stubs.
    && find /opt/bookapp/lib -type d \( -name tests -o -name __pycache__ \) -prune -exec rm -rf {} + \
    && find /opt/bookapp/lib \( -name '*.pyx' -o -name '*.pxd' -o -name '*.c' -o -name '*.h' -o -name '*.pyi' \) -delete \
    # Debug symbols are a quarter of the packages. Bundled libraries (*.libs) stay as their makers aligned them.
    && if command -v strip > /dev/null; then \
           find /opt/bookapp/lib -name '*.so' -not -path '*.libs/*' -exec strip --strip-unneeded {} +; fi \
    && find /opt/bookapp -name Activate.ps1 -delete -o -name 'activate*' -delete \
    # Compiled here once, since the running container writes nothing outside /data. The hash of the source decides
    # whether a compiled file holds: no time stamps, so the same sources make the same image.
    && /opt/bookapp/bin/python -m compileall -q -j 0 --invalidation-mode unchecked-hash /opt/bookapp/lib

FROM ${BASE_IMAGE}
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="bookapp" \
      org.opencontainers.image.description="A self-hosted home for a group's books" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
RUN groupadd --gid 10001 app \
    && useradd --uid 10001 --gid app --home-dir /data --no-create-home --shell /usr/sbin/nologin app \
    && install -d -o app -g app -m 0750 /data
COPY --from=build /opt/bookapp /opt/bookapp
ENV PATH=/opt/bookapp/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HOST=0.0.0.0 \
    PORT=8000 \
    BOOKAPP_DATA_DIR=/data
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=6s --start-period=20s --retries=3 CMD ["bookapp", "healthcheck"]
CMD ["bookapp", "serve"]
