"""Reports of an audit: the workbook and the gap map."""
