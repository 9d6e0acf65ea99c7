"""The tables of an audit and what their columns mean."""

import pyarrow as pa


def _field(name: str, kind: pa.DataType, meaning: str) -> pa.Field:
    return pa.field(name, kind, metadata={"meaning": meaning})


_BLOCK = pa.struct(
    [
        pa.field("kind", pa.string()),
        pa.field("level", pa.int8()),
        pa.field("start", pa.int32()),
        pa.field("end", pa.int32()),
        pa.field("frame", pa.bool_()),
        pa.field("social_link", pa.bool_()),
    ]
)

PAGES = pa.schema(
    [
        _field("agency", pa.string(), "id of the agency; the host where the frame has none"),
        _field("country", pa.string(), "ISO 3166-1 alpha-2 of the agency"),
        _field("url", pa.string(), "address of the page"),
        _field("language", pa.string(), "ISO 639-1, 'und' where it was not recognised"),
        _field("title", pa.string(), "title of the document"),
        _field("text", pa.string(), "readable text; the frame only where it names social media"),
        _field("blocks", pa.list_(_BLOCK), "blocks of the text, in characters"),
        _field("relevance", pa.float64(), "probability that the page describes help for exporters"),
        _field("relevant", pa.bool_(), "decision on it"),
        _field("review", pa.bool_(), "whether the machine is unsure and a person should look"),
        _field("site_share", pa.float64(), "share of the site's pages that speak of exporting"),
        _field("note", pa.string(), "why a page was not coded"),
        _field("duplicate_of", pa.string(), "address of the page with the same text, or nearly; '' if first"),
        _field("time", pa.string(), "when it was archived, UTC"),
        _field("warc_file", pa.string(), "name of the file in archive/"),
        _field("warc_offset", pa.int64(), "first byte of its record"),
        _field("coding_key", pa.string(), "digest of all that the coding rests on; '' for a page that was not coded"),
        _field("coding", pa.string(), "what the machine decided, as JSON (analysis/coding.py)"),
    ]
)

PROGRAMMES = pa.schema(
    [
        _field("programme", pa.string(), "id: agency/name"),
        _field("agency", pa.string(), "id of the agency"),
        _field("country", pa.string(), "ISO 3166-1 alpha-2 of the agency"),
        _field("name", pa.string(), "as the page calls it"),
        _field("description", pa.string(), "its first words"),
        _field("url", pa.string(), "page that says most about it"),
        _field("urls", pa.list_(pa.string()), "all pages on which it was found"),
        _field("language", pa.string(), "ISO 639-1"),
        _field("audience", pa.list_(pa.string()), "non_exporter, passive, active, any"),
        _field("instruments", pa.list_(pa.string()), "how it helps"),
        _field("status", pa.string(), "open, or closed where the page says so"),
        _field("barriers", pa.list_(pa.string()), "barriers to exporting that its text names"),
        _field("doubtful", pa.list_(pa.string()), "measures that were nearly coded: a person should look"),
        _field("start", pa.int32(), "place in the text of its page, in characters"),
        _field("end", pa.int32(), "end of it"),
    ]
)

CODINGS = pa.schema(
    [
        _field("programme", pa.string(), "id of the programme"),
        _field("agency", pa.string(), "id of the agency"),
        _field("code", pa.string(), "a measure of the codebook, social_media, or relevant (people only)"),
        _field("value", pa.int8(), "1 for yes, 0 for no (people only); 0 to 4 for social_media"),
        _field("confidence", pa.float64(), "0 to 1"),
        _field("review", pa.bool_(), "whether the machine is unsure and a person should look"),
        _field("coder", pa.string(), "machine and version, or a person"),
        _field("codebook", pa.string(), "version and digest"),
    ]
)

EVIDENCE = pa.schema(
    [
        _field("programme", pa.string(), "id of the programme"),
        _field("agency", pa.string(), "id of the agency"),
        _field("code", pa.string(), "a measure or a barrier of the codebook, or social_media"),
        _field("quote", pa.string(), "exact piece of the page's text"),
        _field("start", pa.int32(), "place in the page's text, in characters"),
        _field("end", pa.int32(), "end of it"),
        _field("url", pa.string(), "address of the page"),
        _field("link", pa.string(), "address with a text fragment that marks the quotation"),
        _field("time", pa.string(), "when the page was archived, UTC"),
        _field("warc_file", pa.string(), "name of the file in archive/"),
        _field("warc_offset", pa.int64(), "first byte of its record"),
    ]
)

REVIEWS = pa.schema(
    [
        _field("item", pa.string(), "id of the programme, or page:ADDRESS of a page that the machine left out"),
        _field("agency", pa.string(), "id of the agency"),
        _field("code", pa.string(), "a measure of the codebook, social_media, or relevant"),
        _field("value", pa.int8(), "1 for yes, 0 for no; 0 to 4 for social_media"),
        _field("coder", pa.string(), "the person"),
        _field("kind", pa.string(), "why it was looked at: sample, uncertain, elusion, or workbook (changed there)"),
        _field("comment", pa.string(), "what the person wrote beside it"),
    ]
)

SOCIAL = "social_media"  # the code of the level of social media
RELEVANT = "relevant"  # the code of whether it is help for exporters at all
