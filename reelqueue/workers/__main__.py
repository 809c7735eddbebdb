"""`python -m reelqueue.workers JOB_ID RUN TAKEOVERS`: one job, as the inline queue runs it."""

import sys

from reelqueue.workers.attempt import run_once

if __name__ == "__main__":
    sys.exit(run_once(*sys.argv[1:]))
