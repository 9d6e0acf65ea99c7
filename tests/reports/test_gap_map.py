"""The map's data; and in real Chromium: each thing a reader can do with it."""

import base64
import copy
import csv
import gzip
import io
import json
import re
import shutil

import pytest

from analysis.coding import SocialLevel
from analysis.matrix import read_audit
from analysis.verdicts import country_verdict
from reports.evidence_pages import write_evidence_pages
from reports.gap_map import map_data, write_gap_map

HOSTILE = [
    "<script>alert(1)</script>",
    "</script><img src=x onerror=alert(1)>",
    '"};alert(1);//',
    "${alert(1)} {{7*7}} `x`",
    "\u202egnissim \u2028 \u0000 \ud800",
]


@pytest.fixture(scope="module")
def audit(demo_audit):
    return read_audit(demo_audit)


def data_of(path):
    packed = re.search(r'id="data">([^<]*)<', path.read_text(encoding="utf-8")).group(1)
    return json.loads(gzip.decompress(base64.b64decode(packed)))


def test_the_map_holds_the_audit(demo_audit, audit):
    data = data_of(demo_audit / "reports" / "gap_map.html")
    assert len(data["programmes"]) == len(audit.programmes)
    assert [a["id"] for a in data["agencies"]] == [view.agency.id for view in audit.agencies]
    for told, programme in zip(data["programmes"], audit.programmes, strict=True):
        assert [data["measures"][n]["id"] for n, _ in told["m"]] == list(programme.measures)
        assert told["level"] == programme.social
        assert [q["quote"] for q in told["q"]] == [e["quote"] for e in programme.evidence]
        for q, e in zip(told["q"], programme.evidence, strict=True):
            url, _, file, offset, time = data["pages"][q["page"]]
            assert (url, data["files"][file], offset, time) == (e["url"], e["warc_file"], e["warc_offset"], e["time"])
            assert url + q["fragment"] == e["link"]


def test_equal_audits_give_equal_maps(audit, tmp_path):
    write_gap_map(audit, tmp_path / "one.html")
    write_gap_map(audit, tmp_path / "two.html")
    assert (tmp_path / "one.html").read_bytes() == (tmp_path / "two.html").read_bytes()


def test_only_our_scripts_may_run(demo_audit):
    html = (demo_audit / "reports" / "gap_map.html").read_text(encoding="utf-8")
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', html).group(1)
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http:" not in policy


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def opened(browser, demo_audit, request):
    """Opens a map; whatever the console says against it fails the test."""
    problems, contexts = [], []

    def open_map(path=None, address="", **options):
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: problems.append(message.text))
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("dialog", lambda dialog: (problems.append("a dialog: " + dialog.message), dialog.dismiss()))
        page.goto((path or demo_audit / "reports" / "gap_map.html").as_uri() + address)
        page.wait_for_selector("html[data-ready]", timeout=15_000)
        return page

    yield open_map
    for context in contexts:
        context.close()
    assert problems == []


def status(page):
    return page.locator("[role=status]").inner_text()


def names(page):
    return page.locator("tbody th.name bdi").all_inner_texts()[: page.locator(".grid tbody tr").count()]


@pytest.mark.browser
def test_bubbles_are_the_matrix(opened, audit):
    page = opened()
    bubbles = page.locator("button.bubble")
    assert bubbles.count() == sum(view.count(m) > 0 for view in audit.agencies for m in audit.codebook.measures)
    row = page.locator(".grid tr", has_text="Isles of Merrow Export Board")
    assert row.locator("td.blocked").count() == len(audit.codebook.measures)
    for view in audit.agencies[:5]:
        row = page.locator(".grid tbody tr", has_text=view.agency.name)
        counts = [view.count(m) for m in audit.codebook.measures if view.count(m)]
        assert row.locator("button.bubble").all_inner_texts() == list(map(str, counts))
        assert row.locator("td.verdict").inner_text() == view.verdict.value


@pytest.mark.browser
def test_a_bubble_opens_its_programmes_and_esc_goes_back(opened, audit):
    page = opened()
    view = next(v for v in audit.agencies if v.agency.name == "Calder Trade")
    own = [p for p in view.programmes if "training" in p.measures]
    bubble = page.locator(f"button.bubble[data-row='{view.agency.id}'][data-column='training']")
    bubble.click()
    dialog = page.locator("dialog[open]")
    assert sorted(dialog.locator("h4 bdi").all_inner_texts()) == sorted(p.row["name"] for p in own)
    text = dialog.inner_text()
    assert "confidence" in text
    assert "decided by gap-audit" in text
    assert re.search(r"archive/\S+\.warc\.gz, byte \d+", text)
    assert dialog.locator("blockquote").count() >= len(own)
    assert f"open={view.agency.id}+training" in page.url
    page.keyboard.press("Escape")
    assert page.locator("dialog[open]").count() == 0
    assert bubble.evaluate("b => b === document.activeElement")


@pytest.mark.browser
def test_a_quotation_opens_as_it_was_read(opened, audit, demo_audit):
    write_evidence_pages(audit)
    page = opened()
    quote = page.locator(".best blockquote").first
    said = quote.locator("bdi").inner_text()
    quote.get_by_role("link", name="as it was read").click()
    page.wait_for_selector("main mark")
    assert said[:40] in page.locator("main").inner_text()
    assert page.locator(":target").count() == 1


@pytest.mark.browser
def test_keys_alone(opened):
    page = opened()
    first = page.locator("button.bubble").first
    first.focus()
    place = first.get_attribute("data-row"), first.get_attribute("data-column")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    now = page.evaluate("[document.activeElement.dataset.row, document.activeElement.dataset.column]")
    assert now[0] != place[0], (place, now)
    assert now[1] != place[1], (place, now)
    stops = page.locator("button.bubble[tabindex='0']")
    assert stops.evaluate_all("bubbles => bubbles.map(b => [b.dataset.row, b.dataset.column])") == [now]
    page.keyboard.press("Enter")
    assert page.locator("dialog[open]").is_visible()
    page.keyboard.press("Escape")
    page.locator("select[name=rows]").select_option("countries")
    assert stops.count() == 1


@pytest.mark.browser
@pytest.mark.parametrize(
    "name", ["country", "kind", "verdict", "coverage", "language", "audience", "instrument", "level"]
)
def test_each_filter(opened, audit, name):
    page = opened()
    page.locator("summary", has_text="Filters").click()
    select = page.locator(f"select[name={name}]")
    value = select.locator("option").nth(1).get_attribute("value")
    select.select_option(value)
    kept = {
        "country": lambda v, p: v.agency.country == value,
        "kind": lambda v, p: v.agency.kind == value,
        "verdict": lambda v, p: v.verdict.value == value,
        "coverage": lambda v, p: v.coverage.grade.value == value,
        "language": lambda v, p: p.row["language"] == value,
        "audience": lambda v, p: value in p.row["audience"],
        "instrument": lambda v, p: value in p.row["instruments"],
        "level": lambda v, p: p.social >= SocialLevel.COMPONENT,
    }[name]
    count = sum(kept(view, p) for view in audit.agencies for p in view.programmes)
    assert f"{count} of {len(audit.programmes)} programmes" in status(page)
    page.get_by_role("button", name="Show everything").click()
    assert f"{len(audit.programmes)} of" in status(page)


@pytest.mark.browser
def test_what_is_left_out_by_a_filter_is_never_shown_as_none(opened):
    page = opened(address="#level=4")
    assert page.locator("td.other").count() > 0
    assert "others than those chosen" in page.locator("td.other").first.get_attribute("aria-label")


@pytest.mark.browser
def test_search_without_accents_and_case(opened, audit):
    page = opened()
    page.locator("input[name=q]").fill("CAMARA puerto")
    assert names(page) == ["Cámara de Comercio de Puerto Sereno"]
    page.locator("input[name=q]").fill("zzzz")
    assert "Nothing fits" in page.locator(".scroll").first.inner_text()


@pytest.mark.browser
def test_rows_columns_and_order(opened, audit):
    page = opened()
    page.locator("select[name=sort]").select_option("name")
    assert names(page) == sorted(names(page), key=lambda n: n.casefold().replace("á", "a"))
    page.locator("select[name=rows]").select_option("countries")
    assert len(names(page)) == len(audit.country_verdicts())
    page.locator("select[name=cols]").select_option("barriers")
    assert page.locator(".grid thead th").count() == len(audit.codebook.barriers) + 3
    for view_country, verdict in audit.country_verdicts().items():
        row = page.locator(".grid tbody tr", has=page.locator(f"bdi:text-is('{view_country}')"))
        assert row.locator("td.verdict").inner_text() == verdict.value


@pytest.mark.browser
def test_sorted_by_gap(opened):
    page = opened()
    gaps = [g for g in page.locator(".grid tbody tr td:nth-last-child(2)").all_inner_texts() if g]
    assert [int(g[:-1]) for g in gaps] == sorted((int(g[:-1]) for g in gaps), reverse=True)


@pytest.mark.browser
def test_two_side_by_side(opened, audit):
    page = opened()
    page.get_by_label("compare Calder Trade").check()
    assert "Tick a second row" in page.locator("main").inner_text()
    page.get_by_label("compare Valmont Export").check()
    section = page.locator("section", has_text="Side by side").last
    assert section.locator("tbody tr").count() == len(audit.codebook.measures)
    for name in ("Calder Trade", "Valmont Export"):
        view = next(v for v in audit.agencies if v.agency.name == name)
        assert all(p.row["name"] in section.inner_text() for p in view.programmes)
    page.get_by_role("button", name="End the comparison").click()
    assert page.get_by_text("Side by side").count() == 0


@pytest.mark.browser
def test_a_view_is_shared_by_its_address(opened):
    page = opened()
    page.locator("input[name=q]").fill("export")
    page.locator("select[name=rows]").select_option("countries")
    page.locator("select[name=sort]").select_option("found")
    again = opened(address="#" + page.url.split("#")[1])
    assert status(again) == status(page)
    assert names(again) == names(page)
    assert again.locator("select[name=rows]").input_value() == "countries"


@pytest.mark.browser
def test_an_address_that_cannot_be_is_left_out(opened, audit):
    page = opened(address="#rows=__proto__&cols=constructor&sort=x&country=%3Cscript%3E&open=a%20b&one=toString")
    assert f"{len(audit.programmes)} of {len(audit.programmes)} programmes" in status(page)


@pytest.mark.browser
def test_the_view_as_csv_and_picture(opened, audit, tmp_path):
    page = opened(accept_downloads=True)
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as CSV").click()
    download.value.save_as(tmp_path / "view.csv")
    rows = list(csv.DictReader(io.StringIO((tmp_path / "view.csv").read_text(encoding="utf-8-sig"))))
    assert len(rows) == len(audit.agencies) * len(audit.codebook.measures)
    for view in audit.agencies:
        own = {row["support measures"]: row for row in rows if row["agencies"] == view.agency.name}
        for measure in audit.codebook.measures.values():
            assert int(own[measure.label]["programmes"]) == view.count(measure.id)
            assert own[measure.label]["state"] == view.cell(measure.id).value
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as picture").click()
    download.value.save_as(tmp_path / "view.png")
    assert (tmp_path / "view.png").read_bytes()[:4] == b"\x89PNG"
    assert (tmp_path / "view.png").stat().st_size > 20_000


@pytest.mark.browser
@pytest.mark.parametrize("options", [{}, {"color_scheme": "dark"}, {"viewport": {"width": 320, "height": 700}}])
def test_axe_finds_nothing(opened, options):
    from axe_playwright_python.sync_playwright import Axe

    page = opened(**options)
    page.locator("summary", has_text="Filters").click()
    page.get_by_label("compare Calder Trade").check()
    page.get_by_label("compare Valmont Export").check()
    # axe is put into the page from outside, which its policy rightly forbids to others
    found = Axe().run(page).response["violations"]
    page.locator("button.bubble.l4").first.click()
    found += Axe().run(page, context="dialog").response["violations"]
    assert [(v["id"], v["nodes"][0]["html"][:200]) for v in found] == []


@pytest.mark.browser
def test_nothing_runs_out_of_a_small_screen(opened):
    page = opened(viewport={"width": 320, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


@pytest.mark.browser
def test_print_shows_every_row_and_no_controls(opened, audit):
    page = opened()
    page.emulate_media(media="print")
    assert not page.locator(".controls").is_visible()
    assert page.locator(".grid tbody tr").last.is_visible()


@pytest.mark.browser
def test_text_of_a_page_can_do_nothing(opened, audit, tmp_path):
    hostile = copy.deepcopy(audit)
    for number, text in enumerate(HOSTILE):
        programme = hostile.programmes[number]
        programme.row["name"] = programme.row["description"] = text
        programme.row["url"] = "javascript:alert(1)"
        for e in programme.evidence:
            e["quote"], e["url"], e["link"] = text, "javascript:alert(1)", "javascript:alert(2)"
    object.__setattr__(hostile.agencies[0].agency, "name", HOSTILE[0])
    write_gap_map(hostile, tmp_path / "map.html")
    page = opened(tmp_path / "map.html")
    assert page.locator("img").count() == 0
    assert page.locator("script").count() == 3
    assert page.locator("a[href^='javascript']").count() == 0
    assert HOSTILE[0] in names(page)
    for bubble in page.locator(".grid tbody tr", has_text="alert").first.locator("button.bubble").all():
        bubble.click()
        page.locator("dialog[open]").wait_for()
        assert page.locator("dialog[open] a[href^='javascript']").count() == 0
        page.keyboard.press("Escape")


@pytest.mark.browser
def test_changes_are_a_section(opened, audit, demo_audit, tmp_path):
    later = copy.copy(audit)
    object.__setattr__(later, "folder", tmp_path)
    (tmp_path / "reports").mkdir()
    change = {
        "agency": "a", "change": "gone", "name": "<b>Old</b>", "url": "", "name_before": None, "level_before": 3,
        "level": None, "gained": [], "lost": ["training"],
    }  # fmt: skip
    found = {"before": "spring", "after": "autumn", "same_coder": True, "counts": {"gone": 1}, "agencies": []}
    (tmp_path / "reports" / "compare.json").write_text(json.dumps(found | {"programmes": [change]}))
    write_gap_map(later, tmp_path / "map.html")
    page = opened(tmp_path / "map.html")
    section = page.locator("section", has_text="What changed since spring").last
    section.locator("summary").click()
    assert "<b>Old</b>" in section.inner_text()


@pytest.mark.browser
def test_a_large_audit(opened, large_audit, tmp_path):
    """200 agencies, 5,000 programmes: how fast is measured in benchmarks/map_speed.py; here that all of it works."""
    write_gap_map(large_audit, tmp_path / "map.html")
    assert (tmp_path / "map.html").stat().st_size < 10_000_000
    page = opened(tmp_path / "map.html")
    assert "200 agencies, 5000 of 5000 programmes" in status(page)
    page.locator(".grid tbody tr").nth(199).wait_for(state="attached")
    page.locator("summary", has_text="Filters").click()
    page.locator("select[name=country]").select_option("IE")
    assert page.locator(".grid tbody tr").count() < 30
    page.locator("button.bubble").first.click()
    assert page.locator("dialog[open] blockquote").count() > 0


def test_groups_have_the_verdicts_of_the_rules(audit):
    data = map_data(audit)
    for country, verdict in audit.country_verdicts().items():
        own = [a["verdict"] for a in data["agencies"] if a["country"] == country]
        assert country_verdict([v.verdict for v in audit.agencies if v.agency.country == country]) == verdict
        assert own
