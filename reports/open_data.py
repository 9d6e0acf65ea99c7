"""The audit as open data: a Frictionless Data Package (CSV with a schema and the codebook) and JSON-LD (schema.org)."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis.matrix import AgencyView, Audit, ProgrammeView
from analysis.tables import SOCIAL
from common.files import file_digest, write_json, write_text
from common.income import income_group, income_year
from common.regions import region_of
from reports.words import limits

_LICENCE = "The texts quoted are their agencies'; the codes and counts may be used by anyone who names the audit."
_README = """# Data of a gap audit

`datapackage.json` describes the tables (Frictionless Data Package, https://specs.frictionlessdata.io): what each column
means, its type, and how the tables hang together. `programmes.jsonld` holds the same programmes in the words of
schema.org.

A text that begins with = + - or @ has an apostrophe before it, so that no spreadsheet takes it for a formula.
"""


_KEYS = {"agencies": "agency", "programmes": "programme", "codebook": "code"}


@dataclass(frozen=True)
class _Column:
    name: str
    type: str  # of the Table Schema
    meaning: str


@dataclass(frozen=True)
class _Table:
    name: str
    title: str
    columns: Sequence[_Column]
    rows: Iterable[Sequence[Any]]
    key: Sequence[str]
    refers: Mapping[str, str]  # column -> table whose key it names


def write_open_data(audit: Audit, folder: Path) -> list[Path]:
    """Write the package into a folder; its files. Raises AuditFolderError when one cannot be written."""
    written = []
    resources = []
    for table in (_agencies(audit), _programmes(audit), _codes(audit), _quotations(audit), _codebook(audit)):
        path = folder / f"{table.name}.csv"
        write_text(path, _as_csv(table))
        written.append(path)
        resources.append(_resource(table, path))
    first, last = audit.crawled
    package = {
        "profile": "tabular-data-package",
        "name": "gap-audit",
        "title": "Social media in public support for small exporters",
        "description": " ".join(limits(audit)),
        "licenses": [{"name": "see-description", "title": _LICENCE}],
        "sources": [{"title": f"Public pages of {len(audit.agencies)} agencies, archived from {first} to {last}"}],
        "codebook": {"version": audit.codebook.version, "digest": audit.codebook.digest},
        "resources": resources,
    }
    for path, content in ((folder / "datapackage.json", package), (folder / "programmes.jsonld", as_json_ld(audit))):
        write_json(path, content)
        written.append(path)
    write_text(folder / "README.md", _README)
    return [*written, folder / "README.md"]


def as_json_ld(audit: Audit) -> dict[str, Any]:
    """Agencies as GovernmentOrganization and programmes as GovernmentService, with their codes and quotations."""
    return {
        "@context": {"@vocab": "https://schema.org/"},
        "@graph": [_organisation(view) for view in audit.agencies]
        + [_service(audit, view, p) for view in audit.agencies for p in view.programmes],
    }


def _organisation(view: AgencyView) -> dict[str, Any]:
    return {
        "@type": "GovernmentOrganization",
        "@id": f"#agency/{view.agency.id}",
        "name": view.agency.name,
        "url": next(iter(view.agency.start_urls), None),
        "areaServed": view.agency.country or None,
        "additionalProperty": [
            {"@type": "PropertyValue", "name": "verdict on social media", "value": view.verdict.value},
            {"@type": "PropertyValue", "name": "coverage", "value": view.coverage.grade.value},
        ],
    }


def _service(audit: Audit, view: AgencyView, p: ProgrammeView) -> dict[str, Any]:
    labels = {name: measure.label for name, measure in audit.codebook.measures.items()}
    return {
        "@type": "GovernmentService",
        "@id": f"#programme/{p.row['programme']}",
        "name": p.row["name"],
        "description": p.row["description"],
        "url": p.row["url"],
        "inLanguage": p.row["language"],
        "provider": {"@id": f"#agency/{view.agency.id}"},
        "audience": [{"@type": "BusinessAudience", "audienceType": name} for name in p.row["audience"]],
        "serviceType": [{"@type": "DefinedTerm", "termCode": name, "name": labels[name]} for name in p.measures],
        "additionalProperty": [
            {
                "@type": "PropertyValue", "name": "level of social media", "value": int(p.social),
                "description": audit.codebook.level_label(p.social),
            },
            {"@type": "PropertyValue", "name": "decided by", "value": p.coder},
        ],
        "subjectOf": [
            {
                "@type": "Quotation", "text": e["quote"], "about": e["code"], "isBasedOn": e["url"],
                "dateCreated": e["time"],
            }
            for e in p.evidence
        ],
    }  # fmt: skip


def _agencies(audit: Audit) -> _Table:
    columns = (
        _Column("agency", "string", "id of the agency"),
        _Column("name", "string", "its name"),
        _Column("country", "string", "ISO 3166-1 alpha-2"),
        _Column("region", "string", "region of the United Nations (M49)"),
        _Column("income", "string", f"income group of the World Bank, fiscal year {income_year()}"),
        _Column("kind", "string", "tpo, ministry, export_credit, sme_agency, chamber or other"),
        _Column("verdict", "string", "what may be said of social media in its support (docs/method.md)"),
        _Column("coverage", "string", "whether enough was read: adequate, thin or failed"),
        _Column("pages_known", "integer", "addresses that were known"),
        _Column("pages_read", "integer", "of them fetched or unchanged"),
    )
    rows = (
        (
            v.agency.id, v.agency.name, v.agency.country, region_of(v.agency.country),
            income_group(v.agency.country), v.agency.kind, v.verdict.value, v.coverage.grade.value, v.coverage.known,
            v.coverage.fetched + v.coverage.unchanged,
        )
        for v in audit.agencies
    )  # fmt: skip
    return _Table("agencies", "Agencies", columns, rows, ("agency",), {})


def _programmes(audit: Audit) -> _Table:
    columns = (
        _Column("programme", "string", "id of the programme"),
        _Column("agency", "string", "id of its agency"),
        _Column("name", "string", "as the page calls it"),
        _Column("description", "string", "its first words"),
        _Column("url", "string", "page that says most about it"),
        _Column("language", "string", "ISO 639-1"),
        _Column("status", "string", "open, or closed where the page says so"),
        _Column("audience", "string", "for whom: ids joined by semicolons"),
        _Column("instruments", "string", "how it helps: ids joined by semicolons"),
        _Column("social_level", "integer", "0 none, 1 boilerplate, 2 mention, 3 component, 4 dedicated"),
        _Column("decided_by", "string", "machine and version, or persons"),
    )
    rows = (
        (
            p.row["programme"], p.row["agency"], p.row["name"], p.row["description"], p.row["url"], p.row["language"],
            p.row["status"], ";".join(p.row["audience"]), ";".join(p.row["instruments"]), int(p.social), p.coder,
        )
        for p in audit.programmes
    )  # fmt: skip
    return _Table("programmes", "Support programmes", columns, rows, ("programme",), {"agency": "agencies"})


def _codes(audit: Audit) -> _Table:
    columns = (
        _Column("programme", "string", "id of the programme"),
        _Column("code", "string", "a support measure of the codebook"),
        _Column("confidence", "number", "0 to 1"),
    )
    rows = ((p.row["programme"], code, conf) for p in audit.programmes for code, conf in p.measures.items())
    refers = {"programme": "programmes", "code": "codebook"}
    return _Table("codings", "Support measures of programmes", columns, rows, ("programme", "code"), refers)


def _quotations(audit: Audit) -> _Table:
    columns = (
        _Column("programme", "string", "id of the programme"),
        _Column("code", "string", "a measure or barrier of the codebook, or social_media"),
        _Column("quote", "string", "exact piece of the page's text"),
        _Column("url", "string", "address of the page"),
        _Column("archived", "datetime", "when the page was archived, UTC"),
        _Column("warc_file", "string", "file in the archive"),
        _Column("warc_offset", "integer", "first byte of its record"),
    )
    rows = (
        (p.row["programme"], e["code"], e["quote"], e["url"], e["time"], e["warc_file"], e["warc_offset"])
        for p in audit.programmes
        for e in p.evidence
    )
    refers = {"programme": "programmes", "code": "codebook"}
    return _Table("evidence", "Quotations", columns, rows, (), refers)


def _codebook(audit: Audit) -> _Table:
    book = audit.codebook
    columns = (
        _Column("code", "string", "as in the other tables"),
        _Column("kind", "string", "measure, barrier or social media"),
        _Column("label", "string", "its name"),
        _Column("definition", "string", "what it means"),
    )
    rows: list[Sequence[Any]] = [(m.id, "measure", m.label, m.definition) for m in book.measures.values()]
    rows += [(b.id, "barrier", b.label, f"{book.headings[b.heading]}: {b.label}") for b in book.barriers.values()]
    levels = "; ".join(f"{e.level} {e.label}: {e.meaning}" for e in book.levels)
    rows.append((SOCIAL, "social media", "Level of social media", levels))
    return _Table("codebook", "Codebook", columns, rows, ("code",), {})


def _as_csv(table: _Table) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([column.name for column in table.columns])
    for row in table.rows:
        writer.writerow([_cell(value) for value in row])
    return out.getvalue()


def _cell(value: Any) -> Any:
    """A value that no spreadsheet takes for a formula."""
    if isinstance(value, str):
        text = value.replace("\x00", "�")
        return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
    return value


def _resource(table: _Table, path: Path) -> dict[str, Any]:
    schema: dict[str, Any] = {
        "fields": [{"name": c.name, "type": c.type, "description": c.meaning} for c in table.columns],
        "missingValues": [""],
    }
    if table.key:
        schema["primaryKey"] = list(table.key)
    if table.refers:
        schema["foreignKeys"] = [
            {"fields": column, "reference": {"resource": other, "fields": _KEYS[other]}}
            for column, other in table.refers.items()
        ]
    return {
        "profile": "tabular-data-resource", "name": table.name, "title": table.title, "path": path.name,
        "format": "csv", "mediatype": "text/csv", "encoding": "utf-8", "hash": f"sha256:{file_digest(path)}",
        "bytes": path.stat().st_size, "schema": schema,
    }  # fmt: skip
