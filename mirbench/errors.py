"""Errors a user can mend: each message names the thing at fault and what to do."""


class MirbenchError(Exception):
    """Base of all errors that mirbench raises on purpose."""


class DataError(MirbenchError):
    """An audio file, an index or a corpus can't be used as it is."""


class MethodError(MirbenchError):
    """A method breaks the contract: wrong rows, NaN scores, an unknown name."""


class ProtocolError(MirbenchError):
    """A protocol is unknown, leaks, or doesn't fit the corpora."""


class RecordError(MirbenchError):
    """A record is damaged, incomplete, or of another schema."""
