// The view as CSV and as a picture.

function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

/** A value for a CSV file: no spreadsheet takes it for a formula. */
function csvCell(value) {
  const text = value === null || value === undefined ? "" : String(value);
  const safe = /^[=+\-@\t\r]/.test(text) && typeof value === "string" ? `'${text}` : text;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** One line a row and column of the view. */
function csvOf(data, state, grid) {
  const head = [ROWS[state.rows], COLUMNS[state.cols], "programmes", "highest level of social media", "state", "verdict"];
  const lines = [head];
  for (const row of grid.rows) {
    grid.columns.forEach((column, number) => {
      const cell = row.cells[number];
      const level = cell.length ? highest(cell) : "";
      const what = cell.length ? "found" : WORDS[emptyState(row, number, state)];
      lines.push([row.label, column.label, cell.length, level, what, row.verdict]);
    });
  }
  return "\ufeff" + lines.map((line) => line.map(csvCell).join(",")).join("\r\n") + "\r\n";
}

/** Draw the view: the same grid as on the page, on white. */
function pictureOf(data, state, grid) {
  const label = 250, top = 190, step = 34, height = 30, right = 150, foot = 70;
  const width = label + grid.columns.length * step + right;
  const total = top + grid.rows.length * height + foot;
  const scale = total > 8000 ? 1 : 2;
  const canvas = document.createElement("canvas");
  canvas.width = width * scale;
  canvas.height = Math.min(total * scale, 32000);
  const c = canvas.getContext("2d");
  c.scale(scale, scale);
  c.fillStyle = "#ffffff";
  c.fillRect(0, 0, width, total);
  const text = (words, x, y, options = {}) => {
    c.fillStyle = options.colour || "#14191f";
    c.font = `${options.bold ? "600 " : ""}${options.size || 12}px system-ui, sans-serif`;
    c.textAlign = options.align || "left";
    c.fillText(words, x, y, options.most);
  };
  text(data.headline, 8, 22, { bold: true, size: 14, most: width - 16 });
  grid.columns.forEach((column, number) => {
    c.save();
    c.translate(label + number * step + step / 2 + 4, top - 8);
    c.rotate(-Math.PI / 2);
    text(column.label, 0, 0, { most: top - 45 });
    c.restore();
  });
  grid.rows.forEach((row, line) => {
    const y = top + line * height;
    c.strokeStyle = "#cfd6dd";
    c.strokeRect(0.5, y + 0.5, width - 1, height);
    text(row.label, 8, y + 20, { most: label - 16 });
    grid.columns.forEach((column, number) => {
      const x = label + number * step + step / 2, cell = row.cells[number];
      if (cell.length) {
        const level = highest(cell);
        c.beginPath();
        c.arc(x, y + height / 2, 8 + 2 * sizeOf(cell.length), 0, 2 * Math.PI);
        c.fillStyle = COLOURS[level];
        c.fill();
        text(String(cell.length), x, y + 19, { align: "center", colour: level === 4 ? "#ffffff" : "#14191f" });
      } else {
        text(SIGNS[emptyState(row, number, state)], x, y + 19, { align: "center", colour: "#59636e" });
      }
    });
    text(row.verdict, label + grid.columns.length * step + 8, y + 20, { most: right - 12 });
  });
  const legend = data.levels.map((l, n) => `${n} ${l.label}`);
  legend.forEach((words, number) => {
    c.fillStyle = COLOURS[number];
    c.fillRect(8 + number * 130, total - 52, 14, 14);
    text(words, 28 + number * 130, total - 40);
  });
  text("· none found, the site was read   ? too little was read   × the site did not let us in", 8, total - 14);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
}

const COLOURS = ["#dde3e9", "#c3ced9", "#fbe3b5", "#f2a65a", "#b5432c"]; // as in style.css
const SIGNS = { none: "·", unknown: "?", blocked: "×", other: "–" };
const WORDS = {
  none: "none found (covered)",
  unknown: "unknown (under-covered)",
  blocked: "blocked",
  other: "others than those chosen",
};

/** The size of a bubble, 1 to 3. */
function sizeOf(count) {
  return count > 5 ? 3 : count > 1 ? 2 : 1;
}
