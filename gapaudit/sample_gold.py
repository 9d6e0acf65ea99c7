"""The truth of the sample web as a gold set."""

from typing import Any

from analysis.pdf_text import read_pdf
from common.yamlfile import read_yaml
from gapaudit.sample_web import Renderer, load_sites, pdf_file


def sample_gold() -> list[dict[str, Any]]:
    """One gold line for each page of the sample web that its truth files score; what it means is in their README."""
    renderer = Renderer()
    rows = []
    for site in load_sites():
        truth = read_yaml(site.folder / "truth.yaml")
        base = f"http://{site.folder.name}.example"
        for page in site.pages:
            entry = truth["pages"].get(page.path)
            programmes = (entry or {}).get("programmes", [])
            level = max([truth["default_social"], *(p.get("social", 0) for p in programmes)])
            row: dict[str, Any] = {"id": f"{site.folder.name}{page.path}", "url": base + page.path}
            if page.path.endswith(".pdf"):
                title, blocks = read_pdf(pdf_file(site.folder, page).read_bytes())
                marks = {"heading": "## ", "item": "- "}
                row |= {"title": title, "text": "\n".join(marks.get(b.kind, "") + b.text for b in blocks)}
            else:
                row["html"] = renderer.html(site, page, base)
            row["scored"] = entry is not None and not entry.get("uncertain", False)
            if entry is not None:
                row |= {
                    "relevant": entry.get("relevant", True),
                    "measures": sorted({m for p in programmes for m in p["measures"]}),
                    "social": entry.get("social", level),
                }
            rows.append(row)
    return rows
