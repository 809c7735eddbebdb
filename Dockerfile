# One image for both roles: the web as it is, a worker with `python worker.py` as its command.
FROM python:3.11-slim-bookworm

ENV PYTHONUNBUFFERED=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_ROOT_USER_ACTION=ignore

WORKDIR /app

# All of these are wheels, ffmpeg included: nothing is compiled, so no compiler is needed.
COPY requirements.txt requirements-moviepy.txt ./
RUN pip install --only-binary :all: -r requirements.txt \
    && pip install --only-binary :all: --no-deps -r requirements-moviepy.txt

# Words in any script: what joins and turns letters, and fonts for Chinese, Japanese, Korean, Thai,
# Hindi and emoji.
RUN apt-get update -qq \
    && apt-get install -y -qq --no-install-recommends \
        libfribidi0 fonts-noto-cjk fonts-noto-color-emoji fonts-noto-core \
    && rm -rf /var/lib/apt/lists/* /usr/share/fonts/opentype/noto/NotoSerif*

# .dockerignore lists what there is to copy. It stays root's: the service cannot change itself,
# nor can it write bytecode here, so that is made now.
COPY . .
RUN python -m compileall -q . \
    && useradd --system --uid 10001 --create-home reelqueue \
    && install -d -o reelqueue -g reelqueue /data \
    && ln -s /data data

USER reelqueue

# /data is where a volume belongs, as STORAGE_URL is the folder `data` by default. No ENV says so: an
# empty one of `--env-file` would take it away. Services that share no disk set an s3:// address.

EXPOSE 5000
CMD ["gunicorn", "app:app"]
