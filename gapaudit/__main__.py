"""`python -m gapaudit`: the command line."""

from gapaudit.cli import main

main()
