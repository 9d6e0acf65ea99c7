// What the map shows, from the data of the audit and the state of the view: rows of cells.
// The data is made by reports/gap_map.py; the names of its fields are explained there.

const SOCIAL = -1; // the code of a quotation that shows social media
const COMPONENT = 3;

/** Decode the data of the audit: gzip, then base64. */
async function readData(text) {
  const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return prepared(await new Response(stream).json());
}

function prepared(data) {
  data.programmes.forEach((p, number) => {
    p.number = number;
    p.agency = data.agencies[p.a];
    p.measures = new Map(p.m);
    const quotes = p.q.map((q) => q.quote).join(" ");
    p.searched = fold(`${p.name} ${p.description} ${p.agency.name} ${p.agency.countryName} ${quotes}`);
  });
  const columns = data.measures.map((m, number) => ({ id: m.id, label: m.label, measures: [number] }));
  data.columns = { measures: columns, barriers: data.barriers };
  return data;
}

/** Text as it is compared: without case and accents. */
function fold(text) {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}

const ROWS = { agencies: "agencies", countries: "countries", regions: "regions", incomes: "income groups" };
const COLUMNS = { measures: "support measures", barriers: "barriers to exporting" };
const SORTS = { gap: "largest gap first", name: "name", country: "country", found: "most programmes first" };
const AGENCY_FILTERS = {
  country: ["Country", (a) => [[a.country, a.countryName]]],
  region: ["Region", (a) => a.regions.map((r) => [r, r])],
  income: ["Income group", (a) => [[a.income, a.income]]],
  kind: ["Kind of agency", (a) => [[a.kind, a.kind.replace("_", " ")]]],
  verdict: ["Verdict", (a) => [[a.verdict, a.verdict]]],
  coverage: ["Coverage", (a) => [[a.grade, a.grade]]],
};
const PROGRAMME_FILTERS = {
  language: ["Language", (p) => [p.language]],
  audience: ["Audience", (p) => p.audience],
  instrument: ["Instrument", (p) => p.instruments],
  level: ["Social media", null],
};

/** The values that a filter can take, sorted by what is shown. */
function choices(data, name) {
  const found = new Map();
  if (name === "level") {
    const levels = data.levels.map((l, n) => [String(n), `${n} ${l.label}`]);
    return [["used", "3 or 4: part of what firms get"], ...levels];
  }
  if (name in AGENCY_FILTERS) {
    const [, of] = AGENCY_FILTERS[name];
    data.agencies.forEach((a) => of(a).forEach(([value, label]) => value && found.set(value, label)));
  } else {
    const [, of] = PROGRAMME_FILTERS[name];
    data.programmes.forEach((p) => of(p).forEach((value) => value && found.set(value, data.names[value] || value)));
  }
  return [...found].sort((x, y) => x[1].localeCompare(y[1], "en"));
}

function chosenAgencies(data, state) {
  return data.agencies.filter((a) =>
    Object.entries(AGENCY_FILTERS).every(([name, [, of]]) => !state[name] || of(a).some(([v]) => v === state[name])),
  );
}

function chosenProgrammes(data, state, agencies) {
  const inside = new Set(agencies);
  const words = fold(state.q).split(/\s+/).filter(Boolean);
  const level = state.level === "used" ? null : Number(state.level);
  return data.programmes.filter(
    (p) =>
      inside.has(p.agency) &&
      (!state.level || (level === null ? p.level >= COMPONENT : p.level === level)) &&
      (!state.language || p.language === state.language) &&
      (!state.audience || p.audience.includes(state.audience)) &&
      (!state.instrument || p.instruments.includes(state.instrument)) &&
      words.every((word) => p.searched.includes(word)),
  );
}

/** Whether the view leaves out programmes: then an empty cell says nothing about the agency. */
function narrowed(state) {
  return Boolean(state.q.trim() || state.level || state.language || state.audience || state.instrument);
}

/** The row in which an agency stands: its key and its label. */
function rowOf(agency, kind) {
  if (kind === "agencies") return [agency.id, agency.name];
  if (kind === "countries") return [agency.country, agency.countryName];
  if (kind === "incomes") return [agency.income || "-", agency.income || "no income group"];
  const region = agency.regions[agency.regions.length - 1];
  return [region || "-", region || "no region"];
}

/** The rows of the grid, sorted: each with its agencies, its programmes by column, its gap and its verdict. */
function gridOf(data, state) {
  const agencies = chosenAgencies(data, state);
  const programmes = chosenProgrammes(data, state, agencies);
  const columns = data.columns[state.cols];
  const rows = new Map();
  for (const agency of agencies) {
    const [key, label] = rowOf(agency, state.rows);
    if (!rows.has(key)) {
      rows.set(key, { key, label, agencies: [], cells: columns.map(() => []), all: columns.map(() => 0), count: 0 });
    }
    rows.get(key).agencies.push(agency);
  }
  const inside = new Set(agencies), matching = new Set(programmes);
  for (const p of data.programmes) {
    if (!inside.has(p.agency)) continue;
    const row = rows.get(rowOf(p.agency, state.rows)[0]);
    const matches = matching.has(p);
    row.count += matches;
    columns.forEach((column, number) => {
      if (!column.measures.some((m) => p.measures.has(m))) return;
      row.all[number] = Math.max(row.all[number], p.level >= COMPONENT ? 2 : 1);
      if (matches) row.cells[number].push(p);
    });
  }
  let found = [...rows.values()];
  if (narrowed(state)) found = found.filter((row) => row.count);
  for (const row of found) {
    const offered = row.all.filter((n) => n > 0).length;
    row.gap = offered ? row.all.filter((n) => n === 1).length / offered : null;
    row.verdict = state.rows === "agencies" ? row.agencies[0].verdict : verdictOf(row.agencies);
  }
  const byName = (x, y) => x.label.localeCompare(y.label, "en");
  const orders = {
    name: byName,
    country: (x, y) => x.agencies[0].countryName.localeCompare(y.agencies[0].countryName, "en") || byName(x, y),
    found: (x, y) => y.count - x.count || byName(x, y),
    gap: (x, y) => (y.gap ?? -1) - (x.gap ?? -1) || byName(x, y),
  };
  return { columns, programmes, agencies, rows: found.sort(orders[state.sort] || byName) };
}

/** The verdict on several agencies: the most that was found; 'none found' only if every one was seen. */
function verdictOf(agencies) {
  const found = new Set(agencies.map((a) => a.verdict));
  const order = ["dedicated programme", "component", "not assessable", "mention only"];
  return order.find((verdict) => found.has(verdict)) || "none found";
}

/** What an empty cell says: 'none' (looked, none found), 'unknown', 'blocked' or 'other' (others than those chosen). */
function emptyState(row, number, state) {
  if (narrowed(state) && row.all[number]) return "other";
  const states = new Set(row.agencies.map((a) => a.empty));
  if (states.size === 1) return [...states][0];
  return states.has("unknown") || states.has("blocked") ? "unknown" : "none";
}

function highest(programmes) {
  return Math.max(...programmes.map((p) => p.level));
}
