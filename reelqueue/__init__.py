"""Reelqueue: photos and clips in, finished videos out.

config    settings from the environment        errors   everything raised on purpose
specs     what a render is, with its limits     facts    what is known of a file
storage   keys and bytes, on disk or in S3      children processes that end when they should
uploads   what users sent                       jobs     the ledger: accepted, and how it ended
queues    RQ, or rendering here and now         web      routes and the one error handler
render    paths in, a video out                 __main__ the command line

Imports run downwards only: app, worker, tasks -> web -> queues -> jobs -> storage -> specs.
"""
