"""`python -m reelqueue.workers JOB_ID RUN TAKEOVERS`: render one job; the inline queue calls it."""

import sys

from reelqueue.workers.attempt import run_once

if __name__ == "__main__":
    sys.exit(run_once(*sys.argv[1:]))
