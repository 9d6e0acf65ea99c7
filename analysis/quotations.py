"""Quotations that can be read alone: what is too short for that is quoted with what it stands under."""

from collections.abc import Iterable

from analysis.codebook import load_codebook
from analysis.coding import Quote
from analysis.reading import Reading

# characters below which a quotation says too little alone ('your bank', 'Twitter'), by the language's writing
SHORT = {"words": 25, "characters": 12}
LONGEST = 300  # characters of a quotation with what it stands under; where it would be longer it stays as it was


def readable_quotes(reading: Reading, quotes: Iterable[Quote]) -> tuple[Quote, ...]:
    """The quotations in their order, short items of lists with their lead-in, short headings with the text after them.

    What another one holds already is left out.
    """
    short = SHORT[load_codebook().languages[reading.language].writing]
    whole = [_with_context(reading, quote, short) for quote in quotes]
    return tuple(
        quote
        for number, quote in enumerate(whole)
        if not any(_holds(other, quote) and (other != quote or place < number) for place, other in enumerate(whole))
    )


def _holds(outer: Quote, inner: Quote) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end


def _with_context(reading: Reading, quote: Quote, short: int) -> Quote:
    if quote.end - quote.start >= short:
        return quote
    blocks, number = reading.page.blocks, reading.block_at(quote.start)
    start, end = quote.start, quote.end
    if blocks[number].listed:
        lead_in = number
        while lead_in > 0 and blocks[lead_in].listed and reading.is_content(lead_in - 1):
            lead_in -= 1
        start = reading.sentence_at(blocks[lead_in].end - 1)[0]
    elif blocks[number].kind == "heading" and number + 1 < len(blocks) and reading.is_content(number + 1):
        start = blocks[number].start
        end = reading.sentence_at(blocks[number + 1].start)[1]
    if start > quote.start or end - start > LONGEST:
        return quote
    return Quote(reading.page.text[start:end], start, end)
