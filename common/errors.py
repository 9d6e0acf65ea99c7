"""Errors that a user can cause and understand. Everything else is a bug and may show a traceback."""


class GapAuditError(Exception):
    """Base of all expected errors; its text is one line that says what is wrong and where (exit status 2)."""


class DataFileError(GapAuditError):
    """A YAML or JSON file is broken, or does not fit its schema."""


class RegistryError(GapAuditError):
    """The registry of agencies, or a choice from it, is wrong."""


class AuditFolderError(GapAuditError):
    """The audit folder is missing, incomplete, of another version, or cannot be written."""


class ArchiveError(GapAuditError):
    """A web archive (WARC) cannot be read at all."""


class NetworkError(GapAuditError):
    """Nothing could be reached: there is no network, or none of the agencies answered."""
