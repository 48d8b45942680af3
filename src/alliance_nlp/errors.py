"""The errors that reach a user: a code, its place (file, line) and a sentence in the user's language."""

from __future__ import annotations

from alliance_nlp.messages import render


class AllianceError(Exception):
    """Base of every error this package raises on purpose.

    ``code`` names a sentence of :mod:`alliance_nlp.messages`; ``params`` fill it and never
    hold transcript text.  ``file`` and ``line`` (1-based) say where.
    """

    def __init__(self, code: str, *, file: str | None = None, line: int | None = None, **params: object) -> None:
        super().__init__(code)
        self.code = code
        self.file = file
        self.line = line
        self.params = params

    def message(self, language: str | None = None) -> str:
        """Return ``file:line: sentence`` in ``language`` (default: the user's)."""
        place = "".join(f"{part}:" for part in (self.file, self.line) if part is not None)
        sentence = render(self.code, language, file=self.file, line=self.line, **self.params)
        return f"{place} {sentence}" if place else sentence

    def __str__(self) -> str:
        return self.message()

    def at(self, file: str) -> AllianceError:
        """Return the same error with the file filled in, for readers that see only bytes."""
        if self.file is not None:
            return self
        return type(self)(self.code, file=file, line=self.line, **self.params)


class TranscriptFormatError(AllianceError):
    """A file that cannot be read as a transcript."""


class LabelError(AllianceError):
    """A marker, type or role outside the label scheme."""


class ConfigError(AllianceError):
    """A setting, option or configuration file that makes no sense."""


class ModelError(AllianceError):
    """A model directory that is missing, incomplete or of another kind."""


class StoreError(AllianceError):
    """Results that cannot be written or read back."""
