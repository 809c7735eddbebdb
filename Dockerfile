# One image for both roles. It starts the web; for a worker, set the command `python worker.py`.
FROM python:3.11-slim-bookworm

ENV PYTHONUNBUFFERED=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_ROOT_USER_ACTION=ignore

WORKDIR /app

# All packages are wheels, including ffmpeg, so no compiler is needed.
COPY requirements.txt requirements-moviepy.txt requirements-faces.txt requirements-speech.txt \
    requirements-narration.txt ./
RUN pip install --only-binary :all: -r requirements.txt \
    && pip install --only-binary :all: --no-deps -r requirements-moviepy.txt

# `--build-arg SPEECH=1` adds the recognition of speech.
ARG SPEECH=
RUN test -z "$SPEECH" || pip install --only-binary :all: -r requirements-speech.txt

# `--build-arg FACES=1` adds what finds faces.
ARG FACES=
RUN test -z "$FACES" || pip install --only-binary :all: --no-deps -r requirements-faces.txt

# `--build-arg NARRATION=1` adds Piper, whose voices are in the folder of PIPER_VOICES.
ARG NARRATION=
RUN test -z "$NARRATION" || pip install --only-binary :all: -r requirements-narration.txt

# espeak-ng speaks narration. For text in any script: FriBidi, which Pillow needs to lay out text, and fonts for Chinese,
# Japanese, Korean, Thai, Hindi and emoji. Only what `reelqueue/text/fonts.py` opens is kept.
RUN apt-get update -qq \
    && apt-get install -y -qq --no-install-recommends \
        espeak-ng libfribidi0 fonts-noto-cjk fonts-noto-color-emoji fonts-noto-core \
    && rm -rf /var/lib/apt/lists/* \
    && find /usr/share/fonts -type f ! -name 'NotoSans*-Bold.tt[cf]' ! -name NotoColorEmoji.ttf -delete

# .dockerignore lists what is copied. The files belong to root, so the service cannot change them.
# It cannot write bytecode either, so compile it now.
COPY . .
RUN python -m compileall -q . \
    && useradd --system --uid 10001 --create-home reelqueue \
    && install -d -m 700 -o reelqueue -g reelqueue /data \
    && ln -s /data data

USER reelqueue

# Mount a volume at /data: the default STORAGE_URL is the folder `data`, a link to it. Do not set it
# by ENV: an empty STORAGE_URL in an `--env-file` would override that. Services that share no disk
# need an s3:// address.

EXPOSE 5000
CMD ["gunicorn", "app:app"]
