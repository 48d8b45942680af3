"""Scores of tags against a reference: pure numpy, no model."""
