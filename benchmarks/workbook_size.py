"""The workbook of a large audit: 200 agencies, 5,000 programmes, 50,000 quotations.

    python benchmarks/workbook_size.py [FOLDER]

Prints the time and memory of writing it, its size, and the time LibreOffice takes to open and calculate it.
"""

import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from analysis.codebook import load_codebook
from analysis.coding import SocialLevel
from analysis.coverage import Coverage
from analysis.matrix import AgencyView, Audit, ProgrammeView
from analysis.tables import SOCIAL
from analysis.verdicts import verdict
from common.frame import Agency, Frame
from reports.workbook import write_workbook

AGENCIES, PROGRAMMES, QUOTATIONS = 200, 25, 10  # programmes an agency, quotations a programme
COUNTRIES = ["IE", "GB", "FR", "DE", "ES", "IT", "PT", "NL", "PL", "SE", "DK", "TR", "JP", "KR", "CN", "AE", "CA", "US"]


def synthetic() -> Audit:
    """An audit of the wanted size, of invented text."""
    chance, codebook = random.Random(1), load_codebook()
    words = ["export", "help", "firms", "abroad", "trade", "fair", "buyers", "market", "advice", "grant", "posts"]
    views, agencies = [], []
    for number in range(AGENCIES):
        agency = Agency(
            id=f"a-{number}", name=f"Agency {number}", country=chance.choice(COUNTRIES), kind="tpo", level="national",
            languages=["en"], start_urls=[f"https://a{number}.example/"],
        )  # fmt: skip
        programmes = []
        for place in range(PROGRAMMES):
            measures = dict.fromkeys(chance.sample(list(codebook.measures), chance.randint(1, 4)), 0.9)
            row = {
                "programme": f"{agency.id}/{place}", "agency": agency.id, "country": agency.country,
                "name": f"Programme {place}", "description": " ".join(chance.choices(words, k=40)),
                "url": f"https://a{number}.example/{place}", "urls": [], "language": "en", "audience": [],
                "instruments": [], "status": "open", "barriers": [], "doubtful": [], "start": 0, "end": 10,
            }  # fmt: skip
            evidence = [
                {
                    "programme": row["programme"], "agency": agency.id, "url": row["url"], "link": row["url"],
                    "code": chance.choice([*measures, SOCIAL]), "quote": " ".join(chance.choices(words, k=25)),
                    "start": 0, "end": 9, "time": "2026-01-01T00:00:00Z", "warc_file": "a.warc.gz", "warc_offset": 1,
                }
                for _ in range(QUOTATIONS)
            ]  # fmt: skip
            level = SocialLevel(chance.choice([0, 0, 0, 1, 1, 2, 3, 4]))
            programmes.append(ProgrammeView(row, measures, level, 0.9, "gap-audit", evidence))
        coverage = Coverage(agency.id, known=50, fetched=50, readable=50, relevant=25)
        agencies.append(agency)
        views.append(AgencyView(agency, programmes, coverage, verdict([p.social for p in programmes], coverage)))
    return Audit(Path(), Frame(tuple(agencies)), codebook, views, ("", ""))


def plain_tables(audit: Audit, path: Path) -> None:
    """What a user would do instead: the tables as sheets, without formulas, formats, links or figures."""
    with pd.ExcelWriter(path, engine="openpyxl") as writer:
        pd.DataFrame([p.row for p in audit.programmes]).to_excel(writer, sheet_name="Programmes", index=False)
        rows = [row for p in audit.programmes for row in p.evidence]
        pd.DataFrame(rows).to_excel(writer, sheet_name="Evidence", index=False)


def main() -> None:
    audit = synthetic()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(name)
        path = folder / "large.xlsx"
        began = time.monotonic()
        write_workbook(audit, path)
        took = time.monotonic() - began
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"written in {took:.0f} s, peak memory {peak:.0f} MB, {path.stat().st_size / 1e6:.1f} MB")
        began = time.monotonic()
        plain_tables(audit, Path(name) / "plain.xlsx")
        other = time.monotonic() - began
        print(f"the same rows as plain sheets by pandas in {other:.0f} s: {took / other:.1f} times as long")
        began = time.monotonic()
        command = ["soffice", "--headless", "--convert-to", "ods", "--outdir", name, str(path)]
        subprocess.run(command, check=True, capture_output=True)
        print(f"opened, calculated and saved by LibreOffice in {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
