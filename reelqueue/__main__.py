"""`python -m reelqueue`: the same as the command `reelqueue`."""

from reelqueue.cli.commands import main

if __name__ == "__main__":
    main(prog_name="python -m reelqueue")
