"""Errors that a user can cause and understand. Everything else is a bug and may show a traceback."""


class GapAuditError(Exception):
    """Base of all expected errors; its text is one line that says what is wrong and where."""

    exit_status = 2


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


class RenderError(GapAuditError):
    """Pages are to be rendered, but there is no browser for it."""


class CrawlInterrupted(GapAuditError):
    """A crawl ended before its time, by hand, for want of space or of the network; the same command goes on."""

    exit_status = 1


class ReviewError(GapAuditError):
    """A coding sheet holds what can't be taken in; it names sheet and cell."""


class BriefError(GapAuditError):
    """A brief was asked for that the audit cannot give."""


class BenchmarkError(GapAuditError):
    """A benchmark names an agency that the audit has not, or none that could be compared."""


class ClusterError(GapAuditError):
    """A cluster was asked for that cannot be reached, or whose workers are not fit for the work."""
