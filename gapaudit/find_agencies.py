"""Finding agencies that the registry has not: hosts of a corpus that look as if they support exporters.

What is found is a proposal for a person: a registry file, ranked, with the evidence beside each entry.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import pyarrow.parquet as pq
import pycountry
import yaml
from scipy.stats import binomtest

from analysis.codebook import load_codebook
from analysis.tables import EVIDENCE, PAGES, PROGRAMMES
from common.files import check_table, read_table
from common.frame import KINDS, Agency, read_frame, site_of
from common.storage import readable
from common.text import plain
from common.yamlfile import checked, read_yaml

LEAST_RELEVANT = 2  # pages; one may be a false alarm
PUBLIC_BONUS = 2.0  # a body that is known to be public counts twice
QUOTES = 3  # beside each proposal
UNKNOWN_COUNTRY = "ZZ"  # ISO 3166-1 leaves it to its users
_FILE = Path(__file__).parent / "public_bodies.yaml"
_PARTS = re.compile(r"\s+[|–—·•»-]\s+|\s*[|»]\s*")


@dataclass(frozen=True)
class PublicBodies:
    """The words of public_bodies.yaml."""

    suffixes: list[str]
    words: dict[str, list[str]]


@dataclass
class Proposal:
    """A host that looks like an agency, and why."""

    host: str
    pages: int = 0  # that were read
    relevant: int = 0
    programmes: int = 0
    measures: set[str] = field(default_factory=set)
    public: str = ""  # by what it is known as a public body, '' if it is not
    kind: str = "other"
    name: str = ""
    start: str = ""  # its address nearest to the root
    languages: list[str] = field(default_factory=list)
    quotes: list[tuple[str, str]] = field(default_factory=list)  # with their addresses
    titles: Counter[str] = field(default_factory=Counter)
    read_in: Counter[str] = field(default_factory=Counter)

    @property
    def score(self) -> float:
        """The share of its pages that are relevant, at least with 95 % confidence (Wilson), times the number of its
        kinds of support; twice that for a public body. A host with one such page in a thousand is thus far down."""
        low = float(binomtest(self.relevant, self.pages).proportion_ci(0.95, "wilson").low)
        return round(low * (1 + len(self.measures)) * (PUBLIC_BONUS if self.public else 1.0), 3)

    @property
    def country(self) -> str:
        """By the end of its name; ZZ where that is of no country."""
        end = self.host.partition(":")[0].rpartition(".")[2].upper()
        end = {"UK": "GB"}.get(end, end)
        return end if pycountry.countries.get(alpha_2=end) else UNKNOWN_COUNTRY


@cache
def public_bodies() -> PublicBodies:
    """The words by which public bodies are known. Raises DataFileError when the file is wrong."""
    return checked(PublicBodies, read_yaml(_FILE), "gapaudit/public_bodies.yaml")


def find_agencies(folder: Path, registry: Iterable[Agency]) -> list[Proposal]:
    """The hosts of an audit that belong to no agency of its frame or of the registry, the most promising first.

    Raises AuditFolderError when the audit has not been classified.
    """
    agencies = (*registry, *read_frame(folder / "audit.toml").agencies)
    found = _read_pages(folder, {site.removeprefix("www.") for agency in agencies for site in agency.sites})
    for row in read_table(folder / "programmes.parquet", PROGRAMMES).to_pylist():
        if row["agency"] in found:
            found[row["agency"]].programmes += 1
    measures = load_codebook().measures
    for row in read_table(folder / "evidence.parquet", EVIDENCE).to_pylist():
        proposal = found.get(row["agency"])
        if proposal is not None and row["code"] in measures and row["code"] not in proposal.measures:
            proposal.measures.add(row["code"])
            if len(proposal.quotes) < QUOTES:
                proposal.quotes.append((row["quote"], row["url"]))
    proposals = [p for p in found.values() if p.relevant >= LEAST_RELEVANT and p.programmes]
    for proposal in proposals:
        _describe(proposal)
    return sorted(proposals, key=lambda p: (-p.score, p.host))


def _read_pages(folder: Path, owned: set[str]) -> dict[str, Proposal]:
    check_table(folder / "pages.parquet", PAGES)
    found: dict[str, Proposal] = {}
    table = pq.ParquetFile(readable(folder / "pages.parquet"))
    for batch in table.iter_batches(columns=["agency", "url", "language", "title", "relevant", "coding_key"]):
        for row in batch.to_pylist():
            host = site_of(row["url"])
            if row["agency"] != host or host.removeprefix("www.") in owned or not row["coding_key"]:
                continue
            proposal = found.setdefault(host, Proposal(host))
            proposal.pages += 1
            proposal.relevant += row["relevant"]
            proposal.read_in[row["language"]] += 1
            pieces = [piece.strip() for piece in _PARTS.split(row["title"]) if piece.strip()]
            proposal.titles.update(list(dict.fromkeys(pieces[:1] + pieces[-1:])))
            proposal.start = min(filter(None, (proposal.start, row["url"])), key=lambda url: (_depth(url), url))
    return found


def _depth(url: str) -> int:
    parts = urlsplit(url)
    return len([piece for piece in parts.path.split("/") if piece]) + bool(parts.query)


def _describe(proposal: Proposal) -> None:
    """Name, kind and languages, as far as its pages and its host tell them."""
    common = [name for name, count in proposal.titles.most_common() if count > 1 and len(name) <= 80]
    proposal.name = common[0] if common else proposal.host
    least = max(2, proposal.pages / 10)
    languages = [name for name, count in proposal.read_in.most_common() if count >= least and name != "und"]
    proposal.languages = languages or [name for name, _ in proposal.read_in.most_common(1) if name != "und"] or ["en"]
    said = plain(f"{proposal.name} {proposal.host}")
    for kind, words in public_bodies().words.items():
        word = next((word for word in words if re.search(rf"(?<!\w){re.escape(plain(word))}", said)), "")
        if word:
            proposal.kind, proposal.public = kind, f"'{word}' in its name"
            break
    host = proposal.host.partition(":")[0]
    suffix = next((s for s in public_bodies().suffixes if _ends_with(host, s)), "")
    if suffix:
        proposal.public = f"its address ends with {suffix}"


def _ends_with(host: str, suffix: str) -> bool:
    """Whether a host is under a suffix such as gov.* (any country) or gc.ca."""
    labels, wanted = host.split("."), suffix.split(".")
    return len(labels) > len(wanted) and all(
        b in ("*", a) and (b != "*" or len(a) == 2) for a, b in zip(labels[-len(wanted) :], wanted, strict=True)
    )


def registry_text(proposals: Iterable[Proposal]) -> str:
    """The proposals as a registry file: an entry each, with its evidence in comments."""
    lines = [
        "# Proposed by gap-audit agencies find: hosts that look as if they support exporters. Read the evidence, keep",
        "# what is an agency, set name, country (ZZ: not known), kind and level right, and delete the rest.",
    ]
    taken: set[str] = set()
    for number, proposal in enumerate(proposals, 1):
        identity = _identity(proposal, taken)
        share = f"{proposal.relevant} of {proposal.pages} pages relevant"
        kinds = ", ".join(measure for measure in load_codebook().measures if measure in proposal.measures)
        lines += ["", f"# {number}. score {proposal.score}: {share}, {proposal.programmes} programmes ({kinds})"]
        lines.append(f"#    {proposal.public or 'nothing shows that it is a public body'}")
        lines += [f"#    '{_one_line(quote)}' {_one_line(url)}" for quote, url in proposal.quotes]
        parts = urlsplit(proposal.start)
        entry = {
            "id": identity,
            "name": _one_line(proposal.name),
            "country": proposal.country,
            "kind": proposal.kind if proposal.kind in KINDS else "other",
            "level": "national",
            "languages": proposal.languages,
            "start_urls": [f"https://{parts.netloc}/"],
        }
        lines.append(yaml.safe_dump([entry], allow_unicode=True, sort_keys=False, width=200).rstrip())
    return "\n".join(lines) + "\n"


def _identity(proposal: Proposal, taken: set[str]) -> str:
    words = re.sub(r"[^a-z0-9]+", "-", plain(proposal.host.removeprefix("www."))).strip("-")[:50].strip("-") or "host"
    identity, number = f"{proposal.country.lower()}-{words}", 2
    while identity in taken:
        identity, number = f"{proposal.country.lower()}-{words}-{number}", number + 1
    taken.add(identity)
    return identity


def _one_line(text: str) -> str:
    return "".join(c for c in " ".join(text.split()) if c.isprintable())[:300]
