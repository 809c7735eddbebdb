"""Reelqueue: photos and clips in, finished videos out.

config     settings from the environment      errors     everything raised on purpose
specs      what a render is, with its limits  parsing    from JSON to a spec, or a sentence
facts      what is known of a file            ordering   the orders of photos
children   programs that end when they should launch     how such a program is started
formats    sizes and frame rates              cuts       what is cut out of something longer
soundtrack where each piece of music is heard requests   what goes with an order
storage    keys and bytes, on disk or in S3   workspace  folders that never outlive their work
uploads    what users sent                    jobs       what a job is, and the shape of its status
ledger     what was accepted, how it ended    logtail    what a failed attempt logged
queues     RQ, or rendering here and now      services   all of these, opened together
plans      from a request to its work         intake     from its work to an accepted job
recovery   jobs that nobody works on          console    what commands say on a terminal
retention  what is deleted, and when          web        routes and the one error handler
rqworker   what a worker does around a job    doctor     what is wrong with an installation
estimates  what a video will come to          model      the base of what is asked for
words      captions and cards, as asked for   clusters   what a reader takes for one letter
fonts      which of them has which characters charmap    the characters of a font
reuse      results that are given out again   parts      drawn pieces, for renders to come
workers    the loop around such a worker      render     paths in, a video out

Imports run downwards only: app, worker, tasks -> web -> queues -> ledger -> storage -> specs.
"""

__version__ = "0.1.0"
