"""The worker of a checkout: `python worker.py` does what `reelqueue worker` does."""

from reelqueue.cli.commands import worker as main

if __name__ == "__main__":
    main(prog_name="python worker.py")
