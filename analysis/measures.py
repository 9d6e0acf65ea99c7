"""Coding support measures: which of the codebook's measures a programme offers, and what shows it."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from analysis.codebook import FALLBACK_MEASURE, load_codebook
from analysis.coding import MeasureCoding, Quote
from analysis.cues import Hit
from analysis.details import in_name, names, without_details, without_topics, without_unseen
from analysis.joining import A_FEW_SENTENCES, DECIDED, UNSURE, joined_measure
from analysis.look import Learned, best_sentences
from analysis.model import OFFER
from analysis.page import COLONS
from analysis.programmes import Candidate
from analysis.reading import Reading

CODED_FROM = 0.5  # confidence at which a measure is coded
# probability of the vectors from which a measure that no cue shows is coded beside one that cues tell
BESIDE_SEEN = 0.99
# measures that words tell of, from which one that no word names is not believed: the text counts up what it offers
COUNTED_UP = 3
# probability of an offer in the piece around a cue from which the cue stands where something is offered
OFFER_SEEN = 0.7
# probabilities of the vectors at which a programme that nothing else tells of is taken for an offer, and for a measure
LEANS_TO_OFFER, LEANS_FROM = 0.3, 0.2
MOST_QUOTES = 3

# what one cue is worth as evidence, by its strength and whether it stands in the programme's name
_WEIGHTS = {("strong", True): 0.9, ("strong", False): 0.65, ("weak", True): 0.45, ("weak", False): 0.22}
_UNSUPPORTED = 0.3  # a cue in running text that offers nothing; one of them counts, beside better ones
_FALLBACK_WEIGHTS = {True: 0.65, False: 0.55}


def doubtful_measures(
    reading: Reading, candidate: Candidate, learned: Learned, coded: Sequence[MeasureCoding]
) -> list[MeasureCoding]:
    """Measures of a programme that are not coded but nearly were, for a person to decide."""
    hits = _hits(reading, candidate)
    known = {coding.measure for coding in coded}
    doubtful = []
    for measure, (by_cues, by_vectors) in measure_evidence(reading, candidate, learned).items():
        confidence = joined_measure(learned.model, by_cues, by_vectors)
        if measure not in known and measure != FALLBACK_MEASURE and UNSURE[0] <= confidence < CODED_FROM:
            quotes = _weigh(reading, candidate, measure, hits[measure], learned).evidence if measure in hits else ()
            doubtful.append(MeasureCoding(measure, round(confidence, 3), quotes))
    return doubtful


def code_measures(reading: Reading, candidate: Candidate, learned: Learned) -> list[MeasureCoding]:
    """The measures of a programme, in the order of the codebook.

    Cues add up as independent pieces of evidence: confidence = 1 - product of (1 - weight), one cue a sentence, at
    most two weak ones. The trained part sees what cues miss; both are joined to one probability. Funding at large
    and advice are coded only where nothing more specific is. What no cue shows has no evidence yet (with_evidence).
    """
    hits = _hits(reading, candidate)
    evidence = measure_evidence(reading, candidate, learned)
    codings: dict[str, MeasureCoding] = {}
    told = {measure for measure, (by_cues, _) in evidence.items() if by_cues >= DECIDED} - {FALLBACK_MEASURE}
    for measure, (by_cues, by_vectors) in evidence.items():
        confidence = joined_measure(learned.model, by_cues, by_vectors)
        if told and not by_cues and (measure == "finance" or by_vectors < BESIDE_SEEN or len(told) >= COUNTED_UP):
            continue  # a grant looks like finance, a mission like a fair
        if confidence >= CODED_FROM:
            quotes = _weigh(reading, candidate, measure, hits[measure], learned).evidence if by_cues else ()
            codings[measure] = MeasureCoding(measure, round(min(confidence, 0.99), 3), quotes)
    codings = without_topics(reading, candidate, hits, learned, codings)
    codings = without_details(reading, candidate, hits, learned, codings)
    codings = without_unseen(reading, candidate, hits, learned, codings)
    if len(codings) > 1:
        codings.pop(FALLBACK_MEASURE, None)
    if not codings:
        codings = _fallback(reading, candidate, hits) or _leaning(reading, candidate, learned, evidence)
    return list(codings.values())


def measures_by_cues(reading: Reading, candidates: Sequence[Candidate]) -> dict[str, float]:
    """The measures that cues alone would code somewhere in the candidates, with the highest confidence of each."""
    best: dict[str, float] = {}
    for candidate in candidates:
        hits = _hits(reading, candidate)
        found = {measure: _weigh(reading, candidate, measure, own).confidence for measure, own in hits.items()}
        sure = {measure: confidence for measure, confidence in found.items() if confidence >= CODED_FROM}
        if not sure:
            sure = {measure: coding.confidence for measure, coding in _fallback(reading, candidate, hits).items()}
        for measure, confidence in sure.items():
            best[measure] = max(confidence, best.get(measure, 0.0))
    return best


def measure_evidence(reading: Reading, candidate: Candidate, learned: Learned) -> dict[str, tuple[float, float]]:
    """What speaks for each measure of the codebook: the confidence of its cues and the probability of the vectors, in
    the whole programme or, if that is more, where the cues stand."""
    hits = _hits(reading, candidate)
    general = _fallback(reading, candidate, hits)
    evidence = {}
    for measure in load_codebook().measures:
        by_cues = _weigh(reading, candidate, measure, hits[measure], learned).confidence if measure in hits else 0.0
        if measure == FALLBACK_MEASURE and measure in general:
            by_cues = general[measure].confidence
        by_vectors = learned.measure(measure, candidate.blocks)
        if measure in hits:
            by_vectors = max(
                by_vectors, learned.measure(measure, [reading.block_at(hit.start) for hit in hits[measure]])
            )
        evidence[measure] = (by_cues, by_vectors)
    return evidence


def with_evidence(
    reading: Reading, candidate: Candidate, learned: Learned, codings: Sequence[MeasureCoding]
) -> list[MeasureCoding]:
    """Codings of a programme, those that no cue shows with the sentence that speaks most for them."""
    bare = [coding.measure for coding in codings if not coding.evidence]
    spans = best_sentences(reading, learned, bare, candidate.blocks)
    return [
        replace(coding, evidence=(Quote(reading.page.text[slice(*spans[coding.measure])], *spans[coding.measure]),))
        if coding.measure in spans
        else coding
        for coding in codings
    ]


def named_measures(reading: Reading, candidate: Candidate) -> set[str]:
    """The measures that the name of a programme speaks of."""
    return {measure for measure, hits in _hits(reading, candidate).items() if names(candidate, reading, hits)}


def _hits(reading: Reading, candidate: Candidate) -> dict[str, list[Hit]]:
    """The cues of each measure that count in a programme, without near misses and what firms are asked to have."""
    measures = load_codebook().measures
    found: defaultdict[str, list[Hit]] = defaultdict(list)
    misses: list[Hit] = []
    for number in candidate.blocks:
        for hit in reading.hits_of_block.get(number, ()):
            if hit.concept[0] == "measure":
                if hit.concept[2] == "not_":
                    misses.append(hit)
                elif reading.counts(hit) and not (measures[hit.concept[1]].owned and reading.is_asked(hit.start)):
                    found[hit.concept[1]].append(hit)
    for measure, hits in found.items():
        own = [miss for miss in misses if miss.concept[1] == measure]
        found[measure] = [hit for hit in hits if hit.clear_of(own)]
    return dict(found)


def _weigh(
    reading: Reading, candidate: Candidate, measure: str, hits: list[Hit], learned: Learned | None = None
) -> MeasureCoding:
    best: dict[int, tuple[float, Hit]] = {}  # by sentence
    for hit in hits:
        weight = _WEIGHTS.get((hit.concept[2], in_name(candidate, reading, hit)), 0.0)
        if weight == _WEIGHTS["strong", False] and not _supported(reading, candidate, hit, learned):
            weight = _UNSUPPORTED
        elif weight == _WEIGHTS["weak", False] and not _supported(reading, candidate, hit, learned):
            weight = 0.0
        if weight > best.get(hit.sentence, (0.0, hit))[0]:
            best[hit.sentence] = (weight, hit)
    ranked = sorted(best.values(), key=lambda pair: (-pair[0], pair[1].start))
    seen: Counter[float] = Counter()
    missing = 1.0
    used = []
    for weight, hit in ranked:
        seen[weight] += 1
        if seen[weight] > {_UNSUPPORTED: 1, _WEIGHTS["weak", False]: 2}.get(weight, len(ranked)):
            continue
        missing *= 1 - weight
        used.append(hit)
    return MeasureCoding(measure, round(min(1 - missing, 0.99), 3), _quotes(reading, used))


def _supported(reading: Reading, candidate: Candidate, hit: Hit, learned: Learned | None) -> bool:
    """Whether a cue stands where something is offered: in a list or table, at the beginning, beside an offer, or where
    the vectors plainly see one."""
    number = reading.block_at(hit.start)
    if number in reading.conditions:
        return False
    if offers_help(reading, number, hit.sentence) or len(reading.page.main) < A_FEW_SENTENCES:
        return True
    if learned and learned.measure(OFFER, [number]) >= OFFER_SEEN:
        return True
    kind = reading.page.blocks[number].kind
    if kind == "heading":
        return any(offers_help(reading, n) for n in candidate.blocks if number < n <= number + 3)
    if reading.page.blocks[number].listed:
        return _lead_in_offers(reading, number)
    texts = [n for n in candidate.blocks if n != candidate.heading and reading.page.blocks[n].kind != "heading"]
    return number in texts[:1] and any(offers_help(reading, n) for n in candidate.blocks)


def _lead_in_offers(reading: Reading, number: int) -> bool:
    """Whether a list or table stands under words that offer it: 'What you get', 'We help you with:'.

    A list that opens a page, or stands right under its title, is read as what the page offers.
    """
    before = number - 1
    while True:
        while before >= 0 and reading.page.blocks[before].listed:
            before -= 1
        if before < 0:
            return True
        signs = {hit.concept[:2] for hit in reading.hits_of_block.get(before, ())}
        if ("context", "offer") in signs or ("structure", "gives") in signs:
            return True
        block = reading.page.blocks[before]
        if block.kind == "heading":
            return any(
                hit.concept[0] == "measure" and hit.concept[2] != "not_"
                for hit in reading.hits_of_block.get(before, ())
            )
        if not reading.page.of(block).rstrip().endswith(COLONS):
            return any(offers_help(reading, n) for n in range(before + 1, number + 1))
        before -= 1  # 'Travel:' is a lead-in of its own under 'Eligible costs'


def offers_help(reading: Reading, number: int, sentence: int | None = None) -> bool:
    """Whether a block, or one sentence of it, offers something to a firm."""
    return any(
        hit.concept[:2] == ("context", "offer") and sentence in (None, hit.sentence) and reading.counts(hit)
        for hit in reading.hits_of_block.get(number, ())
    )


def _fallback(reading: Reading, candidate: Candidate, hits: dict[str, list[Hit]]) -> dict[str, MeasureCoding]:
    """Funding at large or general advice, where no measure of its own was found; the one in the name first."""
    options = []
    for measure, found in hits.items():
        general = [
            hit
            for hit in found
            if hit.concept[2] == "fallback"
            and (in_name(candidate, reading, hit) or offers_help(reading, reading.block_at(hit.start), hit.sentence))
        ]
        if general:
            named = any(in_name(candidate, reading, hit) for hit in general)
            options.append((not named, measure == FALLBACK_MEASURE, general[0].start, measure, general))
    if not options:
        return {}
    unnamed, _, _, measure, general = min(options)
    sentences = len({hit.sentence for hit in general})
    confidence = 1 - (1 - _FALLBACK_WEIGHTS[not unnamed]) * 0.8 ** (min(sentences, 4) - 1)
    return {measure: MeasureCoding(measure, round(confidence, 3), _quotes(reading, general))}


def _leaning(
    reading: Reading, candidate: Candidate, learned: Learned, evidence: Mapping[str, tuple[float, float]]
) -> dict[str, MeasureCoding]:
    """What a programme is most like in which the vectors see an offer to exporters that no cue names, and general
    advice where it is like none: always for a person."""
    if max(learned.offers(candidate.blocks), default=0.0) < LEANS_TO_OFFER:
        return {}
    measure, (_, by_vectors) = max(evidence.items(), key=lambda item: item[1][1])
    if by_vectors < LEANS_FROM:
        measure = FALLBACK_MEASURE
    return {measure: MeasureCoding(measure, CODED_FROM, ())}


def _offers_to_exporters(reading: Reading, candidate: Candidate) -> bool:
    """Whether one sentence of a programme offers something and speaks of selling abroad."""
    telling = {
        hit.sentence
        for number in candidate.blocks
        for hit in reading.hits_of_block.get(number, ())
        if hit.concept[:2] == ("context", "export") and reading.counts(hit)
    }
    return any(
        offers_help(reading, reading.block_at(reading.cued.sentences[sentence][0]), sentence) for sentence in telling
    )


def _quotes(reading: Reading, hits: list[Hit]) -> tuple[Quote, ...]:
    """The sentences around cues, each once, the best evidence first.

    Those that offer something stand before others, whole sentences before bare names.
    """
    spans: dict[tuple[int, int], bool] = {}  # whether it offers something
    for hit in hits:
        span = reading.sentence(hit)
        if span not in spans:
            spans[span] = offers_help(reading, reading.block_at(hit.start), hit.sentence)
    ranked = sorted(spans, key=lambda span: (span[1] - span[0] < 25, not spans[span]))
    return tuple(Quote(reading.page.text[start:end], start, end) for start, end in ranked[:MOST_QUOTES])
