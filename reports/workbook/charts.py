"""The sheet Charts: the verdicts, and each measure with and without social media."""

from openpyxl.chart import BarChart, Reference
from openpyxl.chart.label import DataLabelList
from openpyxl.worksheet.worksheet import Worksheet

from analysis.matrix import Audit
from analysis.verdicts import Verdict
from reports.cells import BORDER, put
from reports.live import Live
from reports.workbook.matrices import FIRST_MEASURE, MATRIX, SOCIAL_SHEET
from reports.workbook.style import section, sheet_range
from reports.workbook.summary import count_verdicts

_BLUE, _ORANGE = "1F3A5F", "F2A65A"  # told apart by lightness too


def fill(sheet: Worksheet, audit: Audit, live: Live) -> None:
    """Write the sheet."""
    for letter, width in (("A", 40), ("B", 14), ("C", 18)):
        sheet.column_dimensions[letter].width = width
    counts = audit.verdict_counts()
    start = section(sheet, 1, ("Verdict", "Agencies"))
    row = start
    for verdict in Verdict:
        put(sheet, row, 1, verdict.value).border = BORDER
        live.put(sheet, row, 2, count_verdicts(audit, verdict), counts[verdict]).border = BORDER
        row += 1
    _bars(sheet, "Agencies by verdict on social media", start - 1, row - 1, 2, "E1", 7.5)
    start = section(sheet, row + 2, ("Measure", "Agencies that offer it", "... with social media in it"))
    row = start
    for column, measure in enumerate(audit.codebook.measures.values(), FIRST_MEASURE):
        put(sheet, row, 1, measure.label).border = BORDER
        offered = sum(view.count(measure.id) > 0 for view in audit.agencies)
        used = sum(view.uses_social_media(measure.id) for view in audit.agencies)
        live.put(sheet, row, 2, f'COUNTIF({sheet_range(MATRIX, audit, column)},">0")', offered).border = BORDER
        live.put(sheet, row, 3, f'COUNTIF({sheet_range(SOCIAL_SHEET, audit, column)},">=3")', used).border = BORDER
        row += 1
    _bars(sheet, "Agencies that offer a measure, and with social media in it", start - 1, row - 1, 3, "E17", 14)


def _bars(sheet: Worksheet, title: str, first: int, last: int, columns: int, place: str, height: float) -> None:
    chart = BarChart()
    chart.type, chart.style, chart.title = "bar", 10, title
    chart.add_data(Reference(sheet, min_col=2, max_col=columns, min_row=first, max_row=last), titles_from_data=True)
    chart.set_categories(Reference(sheet, min_col=1, min_row=first + 1, max_row=last))
    for series, colour in zip(chart.series, (_BLUE, _ORANGE), strict=False):
        series.graphicalProperties.solidFill = colour
    chart.y_axis.majorGridlines, chart.y_axis.numFmt = None, "0"
    chart.x_axis.scaling.orientation = "maxMin"  # first row on top
    chart.x_axis.delete = chart.y_axis.delete = False
    chart.dataLabels = DataLabelList(showVal=True, showSerName=False, showCatName=False, showLegendKey=False)
    chart.legend = None if columns == 2 else chart.legend
    if chart.legend is not None:
        chart.legend.position = "b"
    chart.width, chart.height, chart.gapWidth = 24, height, 40
    sheet.add_chart(chart, place)
