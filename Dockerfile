# syntax=docker/dockerfile:1
# One file, two images: `web` (pages, streams, short tasks) has no torch; `engine` draws. What is installed comes before the
# sources, so that an update of the site installs nothing again.
FROM python:3.11.13-slim-bookworm AS installed
# Compiled once here: the person that the containers run as may not write beside the sources.
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 UV_COMPILE_BYTECODE=1 \
    IMAGE2_HOME=/data STATIC_ROOT=/srv/image2/collected DJANGO_SETTINGS_MODULE=image2.settings
WORKDIR /srv/image2
COPY pyproject.toml constraints.txt ./
# What installs doesn't stay in the image.
RUN pip install --no-cache-dir --target /tmp/tools uv==0.13.9 \
 && /tmp/tools/bin/uv pip install --system --no-cache -r pyproject.toml --extra observe -c constraints.txt \
 && rm -r /tmp/tools
RUN useradd --uid 10001 --home-dir /data --create-home image2 && chmod 700 /data

FROM installed AS installed-engine
# `auto` and the CUDA versions that uv knows, `cpu` for a machine without a card, or nothing: what the index gives.
ARG TORCH_BACKEND=auto
RUN pip install --no-cache-dir --target /tmp/tools uv==0.13.9 \
 && /tmp/tools/bin/uv pip install --system --no-cache ${TORCH_BACKEND:+--torch-backend "${TORCH_BACKEND}"} \
    -r pyproject.toml --extra engine --extra observe -c constraints.txt \
 && rm -r /tmp/tools

FROM installed AS web
# .dockerignore lists what the site runs on; nothing else is there to copy.
COPY . ./
# Collects the static files once; the tables that this also creates are discarded.
RUN python -m compileall -q accounts billing editor generation image2 privacy \
 && IMAGE2_HOME=/tmp/build python -m image2.preparation && rm -r /tmp/build
USER 10001
VOLUME /data
EXPOSE 8000
CMD ["uvicorn", "image2.asgi:application", "--host", "0.0.0.0", "--port", "8000"]

FROM installed-engine AS engine
COPY --from=web /srv/image2 /srv/image2
USER 10001
VOLUME /data
CMD ["celery", "-A", "image2", "worker", "-n", "gpu@%h", "-Q", "gpu"]
