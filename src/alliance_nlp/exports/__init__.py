"""Annotated transcripts → the files that other tools read."""
