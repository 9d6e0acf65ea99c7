"""From a web archive to pages, programmes, codings, coverage and verdicts."""
