"""Reelqueue: photos and clips in, finished videos out.

errors      every error that is raised on purpose
findings    what an examination of the installation has found
sizes       sizes of files as people read them
outages     what the log says while Redis or the storage is away
config      the settings, from the environment
setting_types  the types of their values
masking     settings and logs without secrets, for operators
storage     keys and bytes, in a folder or an S3 bucket
specs       what users may request, with every limit
h264        a writer of H.264 streams, in the words of ITU-T H.264
text        fonts, grapheme clusters, text direction, line breaking
media       uploaded files: formats, facts, subtitles
planning    which frame shows what: timeline, transitions, camera, soundtrack, estimates
processes   child processes with limits and sandboxes, and temporary folders
render      from local files to a video; knows nothing of Flask, RQ, Redis or storage
jobs        jobs, their runs and outcomes, the ledger, the JSON of a status
queues      RQ's queue, and the queue that renders on this machine
services    storage, uploads, ledger and queue, opened together
submission  from a request to an accepted job; the registry of job kinds
upkeep      recovery of lost runs, deletion of old files, what services tell each other
workers     the worker loop, one attempt at a job, the renderers of job kinds
web         the Flask application: pages, API, access
cli         the command `reelqueue`

Imports run downwards only:

cli > web | workers > upkeep > submission > services > queues | render > jobs > planning > media
    > text > masking > config > setting_types > specs > storage > processes > outages
    > errors | findings | h264 | sizes

Only workers and cli import render. import-linter checks this, by the contracts in pyproject.toml.
"""

__version__ = "0.1.0"
