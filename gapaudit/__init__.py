"""The front door of gap-audit: the command line, the audit folder, and the order of the stages."""
