"""``python -m alliance_nlp.cli``."""

from alliance_nlp.cli.app import main

main()
