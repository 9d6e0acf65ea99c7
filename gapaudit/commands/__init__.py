"""The commands of gap-audit, by what they are about."""
