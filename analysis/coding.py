"""What the coder decides about a page: typed records, shared by the modules that make and that report them."""

from dataclasses import dataclass, field
from enum import IntEnum


class SocialLevel(IntEnum):
    """How far social media is part of a programme (DESIGN: fixed)."""

    NONE = 0
    BOILERPLATE = 1
    MENTION = 2
    COMPONENT = 3
    DEDICATED = 4


@dataclass(frozen=True)
class Quote:
    """A piece of the page's text that supports a code."""

    quote: str
    start: int  # characters in the page's text
    end: int


@dataclass(frozen=True)
class MeasureCoding:
    """One support measure found in a programme."""

    measure: str
    confidence: float  # 0 to 1
    evidence: tuple[Quote, ...]


@dataclass(frozen=True)
class BarrierCoding:
    """A barrier to exporting that a programme's text names."""

    barrier: str
    evidence: tuple[Quote, ...]


@dataclass(frozen=True)
class SocialCoding:
    """The level of social media, with what shows it."""

    level: SocialLevel
    confidence: float  # 0 to 1
    evidence: tuple[Quote, ...] = ()


@dataclass(frozen=True)
class ProgrammeCoding:
    """One support programme found on a page."""

    name: str
    description: str
    start: int  # characters in the page's text
    end: int
    status: str  # 'open', or 'closed' where the page says so
    measures: tuple[MeasureCoding, ...]
    social: SocialCoding
    audience: tuple[str, ...] = ()
    instruments: tuple[str, ...] = ()
    barriers: tuple[BarrierCoding, ...] = ()  # named by the text
    doubtful: tuple[MeasureCoding, ...] = ()  # not coded, but a person should look


@dataclass(frozen=True)
class PageCoding:
    """Everything that was decided about a page."""

    language: str
    relevant: bool
    relevance: float  # 0 to 1
    programmes: tuple[ProgrammeCoding, ...] = ()
    social: SocialCoding = field(default_factory=lambda: SocialCoding(SocialLevel.NONE, 1.0))
    unsure: bool = False  # whether it is relevant, or what it offers, is for a person to say
    note: str = ""  # why a page was not coded, e.g. a language that the codebook has not

    @property
    def measures(self) -> tuple[MeasureCoding, ...]:
        """The measures of all programmes, each with the highest confidence and all evidence."""
        best: dict[str, MeasureCoding] = {}
        for programme in self.programmes:
            for coding in programme.measures:
                known = best.get(coding.measure)
                if known is None:
                    best[coding.measure] = coding
                else:
                    evidence = (*known.evidence, *(q for q in coding.evidence if q not in known.evidence))
                    best[coding.measure] = MeasureCoding(
                        coding.measure, max(known.confidence, coding.confidence), evidence
                    )
        return tuple(best.values())
