"""The sampling frame of an audit: which agencies, within which budgets. Kept in the audit's audit.toml."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import pycountry
import tomli_w
from pydantic import AfterValidator, ConfigDict, Field
from pydantic.dataclasses import dataclass as checked_dataclass

from common.errors import AuditFolderError, DataFileError
from common.files import write_text
from common.yamlfile import checked

FRAME_VERSION = 1
KINDS = ("tpo", "ministry", "export_credit", "sme_agency", "chamber", "other")

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LANGUAGE = re.compile(r"[a-z]{2,3}")


def _check_id(value: str) -> str:
    if not _ID.fullmatch(value) or len(value) > 64:
        raise ValueError("must be lower-case letters, digits and single hyphens, at most 64")
    return value


# ISO 3166-1 leaves these to its users: XK is in wide use for Kosovo, the sample web uses others
_USER_ASSIGNED = re.compile(r"AA|Q[M-Z]|X[A-Z]|ZZ")


def _check_country(value: str) -> str:
    known = value.isupper() and pycountry.countries.get(alpha_2=value)
    if known or _USER_ASSIGNED.fullmatch(value):
        return value
    found = pycountry.countries.get(alpha_3=value.upper()) or pycountry.countries.get(alpha_2=value.upper())
    if value.upper() == "UK":
        found = pycountry.countries.get(alpha_2="GB")
    hint = f"; did you mean {found.alpha_2!r}?" if found else ""
    raise ValueError(f"is not an ISO 3166-1 alpha-2 code{hint}")


def _check_language(value: str) -> str:
    if not _LANGUAGE.fullmatch(value) or not (
        pycountry.languages.get(alpha_2=value) or pycountry.languages.get(alpha_3=value)
    ):
        raise ValueError("is not an ISO 639 language code")
    return value


def _check_url(value: str) -> str:
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError as error:
        raise ValueError(f"is not a web address ({error})") from None
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        raise ValueError("is not a web address (https://...)")
    if parts.username or parts.password:
        raise ValueError("must not hold a user name or password")
    return value


@checked_dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Expectation:
    """What a crawl of an agency must find at least; less means that the crawl is broken, not that nothing is there."""

    pages: Annotated[int, Field(ge=0)] = 0  # readable ones
    relevant_pages: Annotated[int, Field(ge=0)] = 0
    languages: list[Annotated[str, AfterValidator(_check_language)]] = field(default_factory=list)


@checked_dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Agency:
    """One body that supports exporters, and where its pages are (the registry's entry)."""

    id: Annotated[str, AfterValidator(_check_id)]
    name: str
    country: Annotated[str, AfterValidator(_check_country)]
    kind: Literal["tpo", "ministry", "export_credit", "sme_agency", "chamber", "other"]
    level: Literal["national", "subnational", "supranational"]
    languages: list[Annotated[str, AfterValidator(_check_language)]]
    start_urls: list[Annotated[str, AfterValidator(_check_url)]]
    hosts: list[str] = field(default_factory=list)
    allow_private: bool = False
    expect: Expectation | None = None

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise ValueError("name is empty")
        if not self.start_urls:
            raise ValueError("start_urls is empty")
        if not self.languages:
            raise ValueError("languages is empty")
        insecure = [url for url in self.start_urls if not url.startswith("https://")]
        if insecure and not self.allow_private:
            raise ValueError(f"start_urls: {insecure[0]!r} must begin with https://")

    @property
    def sites(self) -> tuple[str, ...]:
        """The hosts whose pages count as the agency's: 'host', or 'host:port' where the port is not the usual.

        A host that is listed without a port stands for the ports its start addresses use.
        """
        seeds = [site_of(url) for url in self.start_urls]
        if not self.hosts:
            return tuple(dict.fromkeys(seeds))
        named: list[str] = []
        for host in self.hosts:
            same = [seed for seed in seeds if seed.rsplit(":", 1)[0] == host.lower()]
            named += same or [host.lower()]
        return tuple(dict.fromkeys(named))


@dataclass(frozen=True)
class Budgets:
    """What a crawl may spend on one agency."""

    pages: int = 200  # responses with content
    depth: int = 6  # links followed from a start address
    minutes: float = 30.0  # since the agency's first request
    delay: float = 1.0  # seconds between two requests to one host
    max_bytes: int = 10_000_000  # largest response that is kept
    timeout: float = 30.0  # seconds for one answer


@dataclass(frozen=True)
class Frame:
    """Which agencies an audit looks at, and within which budgets."""

    agencies: tuple[Agency, ...]
    budgets: Budgets = Budgets()
    codebook: str = ""  # version of the codebook that the coding used

    def agency_of_site(self) -> dict[str, Agency]:
        """Agencies by the site ('host' or 'host:port') they own."""
        return {site: agency for agency in self.agencies for site in agency.sites}


@lru_cache(maxsize=50_000)
def site_of(url: str) -> str:
    """'host', or 'host:port' where the port is not the scheme's usual one; '' for what has no host."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return ""
    host = (parts.hostname or "").lower()
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    return f"{host}:{port}" if host and port and port != usual else host


def owner_of(url: str, sites: Mapping[str, str]) -> str:
    """The id of the agency on whose site an address is, with or without 'www.'; the site itself if nobody's."""
    site = site_of(url)
    return sites.get(site) or sites.get(site.removeprefix("www.")) or sites.get(f"www.{site}") or site


def write_frame(path: Path, frame: Frame) -> None:
    """Write audit.toml. Raises AuditFolderError when it cannot be written."""
    agencies = [_without_empty(asdict(agency)) for agency in frame.agencies]
    value = {
        "version": FRAME_VERSION,
        "codebook": frame.codebook,
        "budgets": asdict(frame.budgets),
        "agency": agencies,
    }
    write_text(path, tomli_w.dumps(value))


def _without_empty(fields: dict[str, Any]) -> dict[str, Any]:
    """TOML knows no None, and what is empty by default need not be written."""
    return {k: _without_empty(v) if isinstance(v, dict) else v for k, v in fields.items() if v not in ([], False, None)}


def read_frame(path: Path) -> Frame:
    """Read audit.toml.

    Raises AuditFolderError when it is missing, broken, or of another version.
    """
    if not path.exists():
        raise AuditFolderError(f"{path.parent}: not an audit folder (it has no {path.name})")
    try:
        value: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise AuditFolderError(f"{path}: not valid TOML: {error}") from None
    except OSError as error:
        raise AuditFolderError(f"{path}: cannot be read: {error.strerror}") from None
    if value.get("version") != FRAME_VERSION:
        raise AuditFolderError(
            f"{path}: made by another version of gap-audit (frame version {value.get('version')!r}, "
            f"this one reads {FRAME_VERSION}); start a new folder with --out"
        )
    try:
        agencies = tuple(
            checked(Agency, entry, f"{path}: agency {number}")
            for number, entry in enumerate(value.get("agency", []), 1)
        )
        budgets = checked(Budgets, value.get("budgets", {}), f"{path}: budgets")
    except DataFileError as error:
        raise AuditFolderError(str(error)) from None
    return Frame(agencies=agencies, budgets=budgets, codebook=value.get("codebook", ""))
