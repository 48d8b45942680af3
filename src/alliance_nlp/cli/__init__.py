"""The command line."""

from alliance_nlp.cli.app import app, main

__all__ = ["app", "main"]
