// The page: what is chosen above, the grid, the programmes of a cell, two rows side by side.

const { h, html, render, useState, useEffect, useLayoutEffect, useMemo, useRef, useCallback } = htmPreact;
const MANY = 60; // rows: those after them are drawn a moment later, and not laid out while they are out of sight
const web = (address) => (/^https?:\/\//i.test(address) ? address : undefined);

function Select({ name, label, value, options, all, change }) {
  return html`<label>${label}
    <select name=${name} value=${value} onChange=${(e) => change({ [name]: e.target.value })}>
      ${all && html`<option value="">${all}</option>`}
      ${options.map(([v, l]) => html`<option value=${v} selected=${v === value}>${l}</option>`)}
    </select></label>`;
}

function Controls({ data, state, grid, change, told, tell }) {
  const filters = useMemo(
    () => [...Object.entries(AGENCY_FILTERS), ...Object.entries(PROGRAMME_FILTERS)]
      .map(([name, [label]]) => [name, label, choices(data, name)]).filter(([, , options]) => options.length > 1),
    [data],
  );
  const used = filters.filter(([name]) => state[name]).length;
  const share = async () => {
    try {
      await navigator.clipboard.writeText(location.href);
      tell("The address of this view was copied.");
    } catch {
      tell("Copy the address of this page: it holds the view.");
    }
  };
  const picture = async () => save(await pictureOf(data, state, grid), "gap_map.png");
  const table = () => save(new Blob([csvOf(data, state, grid)], { type: "text/csv" }), "gap_map.csv");
  return html`<form class="controls" onSubmit=${(e) => e.preventDefault()} role="search" aria-label="What to show">
    <label class="wide">Search names, descriptions and quotations
      <input type="search" name="q" value=${state.q} onInput=${(e) => change({ q: e.target.value })} /></label>
    <${Select} name="rows" label="Rows" value=${state.rows} options=${Object.entries(ROWS)} change=${change} />
    <${Select} name="cols" label="Columns" value=${state.cols} options=${Object.entries(COLUMNS)} change=${change} />
    <${Select} name="sort" label="Order" value=${state.sort} options=${Object.entries(SORTS)} change=${change} />
    <details open=${used > 0}><summary>Filters${used ? ` (${used} in use)` : ""}</summary><div class="filters">
      ${filters.map(([name, label, options]) => html`<${Select} key=${name} name=${name} label=${label}
        value=${state[name]} options=${options} all="all" change=${change} />`)}</div></details>
    <p class="buttons">
      <button type="button" onClick=${() => change({ ...START })}>Show everything</button>
      <button type="button" onClick=${table}>Save as CSV</button>
      <button type="button" onClick=${picture}>Save as picture</button>
      <button type="button" onClick=${share}>Copy address of this view</button>
    </p>
    <p role="status" aria-live="polite">${grid.rows.length} ${ROWS[state.rows]}, ${grid.programmes.length} of ${
      data.programmes.length} programmes. ${told}</p>
  </form>`;
}

/** A cell of the grid. A plain function, not a component: there are thousands of cells. */
function cellOf(row, number, column, state) {
  const cell = row.cells[number];
  if (!cell.length) {
    const empty = emptyState(row, number, state);
    return h("td", { role: "cell", class: empty, "aria-label": WORDS[empty] }, SIGNS[empty]);
  }
  const level = highest(cell), count = cell.length;
  const words = `${row.label}, ${column.label}: ${count} ${count === 1 ? "programme" : "programmes"}, highest level of social media ${level}`;
  const bubble = {
    type: "button", class: `bubble l${level} n${sizeOf(count)}`, "data-row": row.key,
    "data-column": column.id, "aria-label": words, "aria-haspopup": "dialog", tabindex: "-1",
  };
  return h("td", { role: "cell" }, h("button", bubble, count));
}

/** Arrow keys go from bubble to bubble. */
function moveFocus(event) {
  const steps = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };
  const step = steps[event.key];
  const cell = event.target.closest("td");
  if (!step || !cell) return;
  event.preventDefault();
  let line = cell.parentElement, place = cell.cellIndex;
  while (line) {
    place += step[0];
    if (step[1]) line = step[1] > 0 ? line.nextElementSibling : line.previousElementSibling;
    const next = line && line.cells[place];
    if (!next) return;
    const button = next.querySelector("button.bubble");
    if (button) return button.focus();
  }
}

/** One bubble is reached by Tab, the others from there by the arrow keys: nobody tabs through thousands. */
function keepOneStop(table, bubble) {
  const stop = table.querySelector('button.bubble[tabindex="0"]');
  const next = bubble || stop || table.querySelector("button.bubble");
  if (stop && stop !== next) stop.tabIndex = -1;
  if (next) next.tabIndex = 0;
}

function Grid({ state, grid, change }) {
  const [drawn, setDrawn] = useState({ grid: null }); // the grid of which all rows are drawn
  const rows = drawn.grid === grid ? grid.rows : grid.rows.slice(0, MANY);
  useEffect(() => {
    if (drawn.grid === grid) return undefined;
    const later = setTimeout(() => setDrawn({ grid }), 50);
    return () => clearTimeout(later);
  }, [grid]);
  const table = useRef(null);
  useLayoutEffect(() => keepOneStop(table.current));
  const enter = (event) => event.target.matches("button.bubble") && keepOneStop(table.current, event.target);
  const open = (event) => {
    const button = event.target.closest("button.bubble");
    if (button) change({ open: `${button.dataset.row} ${button.dataset.column}` });
  };
  const compare = (key) => {
    const rest = [state.one, state.two].filter((k) => k && k !== key);
    const chosen = [state.one, state.two].includes(key) ? rest : [...rest.slice(-1), key];
    change({ one: chosen[0] || "", two: chosen[1] || "" });
  };
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Gap map">
    <table class=${grid.rows.length > MANY ? "grid many" : "grid"} role="table" ref=${table} onfocusin=${enter} style=${{ "--columns": grid.columns.length }} onClick=${open} onKeyDown=${moveFocus}>
      <caption class="hidden">${ROWS[state.rows]} by ${COLUMNS[state.cols]}: how many programmes, and how far they use social media.
        Arrow keys go from bubble to bubble.</caption>
      <thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col" class="name">${ROWS[state.rows]}</th>
        ${grid.columns.map((c) => html`<th role="columnheader" scope="col" key=${c.id}><span>${c.label}</span></th>`)}
        <th role="columnheader" scope="col"><span>Gap</span></th><th role="columnheader" scope="col" class="verdict">Verdict</th></tr></thead>
      <tbody role="rowgroup">${rows.map((row) => html`<tr role="row" key=${row.key}>
        <th role="rowheader" scope="row" class="name"><label><input type="checkbox" checked=${[state.one, state.two].includes(row.key)}
          onChange=${() => compare(row.key)} aria-label=${`compare ${row.label}`} /> <bdi>${row.label}</bdi></label>
          <small> ${state.rows === "agencies" ? row.agencies[0].country : `${row.agencies.length}`}</small></th>
        ${grid.columns.map((column, number) => cellOf(row, number, column, state))}
        <td role="cell">${row.gap === null ? "" : `${Math.round(row.gap * 100)}%`}</td>
        <td role="cell" class="verdict" title=${row.agencies.length === 1 ? row.agencies[0].coverage : undefined}>${row.verdict}</td></tr>`)}
      </tbody></table>
    ${!grid.rows.length && html`<p>Nothing fits what is chosen.</p>`}</div>`;
}

function Quote({ data, q }) {
  const [url, file, record, offset, time] = data.pages[q.page];
  return html`<blockquote><bdi>${q.quote}</bdi><small>${q.code === SOCIAL ? "Social media" : data.codes[q.code]}${" · "}
    <a href=${web(url + q.fragment)} rel="noreferrer noopener">on the page</a>${" · "}
    <a href=${`evidence/${file}#q${q.start}-${q.end}`}>as it was read</a>${" · "}
    ${time.slice(0, 10)}, archive/${data.files[record]}, byte ${offset}</small></blockquote>`;
}

function Programme({ data, p, measures }) {
  const quotes = p.q.filter((q) => (q.code === SOCIAL ? p.level > 1 || !measures : !measures || measures.includes(q.code)));
  const sure = measures ? measures.filter((m) => p.measures.has(m)).map((m) => p.measures.get(m)) : [...p.measures.values()];
  return html`<article><h4><a href=${web(data.pages[p.page][0])} rel="noreferrer noopener"><bdi>${p.name}</bdi></a>${" "}<span class=${`tag l${p.level}`}>${p.level} ${data.levels[p.level].label}</span></h4>
    <p><small>${p.agency.name}, ${p.agency.countryName}${" · "}${[...p.measures.keys()].map((m) => data.measures[m].label).join(", ")}${" · "}
      confidence ${sure.length ? Math.min(...sure).toFixed(2) : "–"} (social media ${p.confidence.toFixed(2)})${" · "}decided by ${p.coder}${
      p.status === "closed" ? " · closed for now" : ""}</small></p>
    ${quotes.map((q) => html`<${Quote} data=${data} q=${q} />`)}</article>`;
}

function Details({ data, state, grid, change }) {
  const dialog = useRef(null);
  const [key, column] = [state.open.slice(0, state.open.lastIndexOf(" ")), state.open.slice(state.open.lastIndexOf(" ") + 1)];
  const row = state.open && grid.rows.find((r) => r.key === key);
  const number = grid.columns.findIndex((c) => c.id === column);
  const shown = row && number >= 0 && row.cells[number].length ? row.cells[number] : null;
  useLayoutEffect(() => {
    if (shown && !dialog.current.open) dialog.current.showModal();
    if (!shown && dialog.current.open) dialog.current.close();
  });
  const close = () => {
    change({ open: "" });
    const place = [...document.querySelectorAll("button.bubble")].find((b) => b.dataset.row === key && b.dataset.column === column);
    if (place) place.focus();
  };
  return html`<dialog ref=${dialog} onClose=${() => state.open && close()} aria-labelledby="details">
    ${shown && html`<h3 id="details" tabindex="-1"><bdi>${row.label}</bdi>: ${grid.columns[number].label}</h3>
      <button type="button" class="close" onClick=${() => dialog.current.close()}>Close</button>
      ${[...shown].sort((x, y) => y.level - x.level).map((p) => html`<${Programme} key=${p.number} data=${data} p=${p}
        measures=${grid.columns[number].measures} />`)}`}</dialog>`;
}

function Beside({ data, state, grid, change }) {
  const rows = [state.one, state.two].map((key) => grid.rows.find((row) => row.key === key));
  if (!rows[0] || !rows[1]) {
    return rows[0] || rows[1] ? html`<p class="hint">Tick a second row to see both side by side.</p>` : null;
  }
  const cell = (row, number) => {
    const programmes = row.cells[number];
    if (!programmes.length) return WORDS[emptyState(row, number, state)];
    return html`<ul>${programmes.map((p) => html`<li><span class=${`tag l${p.level}`}>${p.level}</span> <bdi>${p.name}</bdi></li>`)}</ul>`;
  };
  return html`<section aria-labelledby="beside"><h2 id="beside">Side by side</h2>
    <p><button type="button" onClick=${() => change({ one: "", two: "" })}>End the comparison</button></p>
    <div class="scroll" tabindex="0" role="region" aria-label="Table of the two"><table class="beside">
      <thead><tr><th scope="col">${COLUMNS[state.cols]}</th>${rows.map((row) => html`<th scope="col"><bdi>${row.label}</bdi><br />
        <small>${row.verdict}; gap ${row.gap === null ? "–" : `${Math.round(row.gap * 100)}%`}</small></th>`)}</tr></thead>
      <tbody>${grid.columns.map((column, number) => html`<tr><th scope="row">${column.label}</th>
        ${rows.map((row) => html`<td>${cell(row, number)}</td>`)}</tr>`)}</tbody></table></div></section>`;
}

function Best({ data, programmes }) {
  const [all, setAll] = useState(false);
  const best = useMemo(() => programmes.filter((p) => p.level === 4), [programmes]);
  const shown = all ? best : best.slice(0, 6);
  if (!best.length) return html`<section><h2>Programmes dedicated to social media</h2><p>None among those chosen.</p></section>`;
  const proof = (p) => p.q.filter((q) => q.code === SOCIAL).slice(0, 1);
  return html`<section aria-labelledby="best"><h2 id="best">Programmes dedicated to social media (${best.length})</h2>
    <ul class="best">${shown.map((p) => html`<li key=${p.number}><b><bdi>${p.agency.name}</bdi></b> (${p.agency.countryName}):
      ${" "}<a href=${web(data.pages[p.page][0])} rel="noreferrer noopener"><bdi>${p.name}</bdi></a>
      ${proof(p).map((q) => html`<${Quote} data=${data} q=${q} />`)}</li>`)}</ul>
    ${best.length > 6 && html`<button type="button" aria-expanded=${all} onClick=${() => setAll(!all)}>${all ? "Show fewer" : `Show all ${best.length}`}</button>`}
  </section>`;
}

function Changes({ changes }) {
  if (!changes) return null;
  const told = changes.programmes.filter((c) => c.change !== "same");
  const moved = changes.agencies.filter((a) => a.before !== a.after);
  return html`<section aria-labelledby="changes"><h2 id="changes">What changed since ${changes.before}</h2>
    <p>${Object.entries(changes.counts).filter(([, n]) => n).map(([what, n]) => `${what}: ${n}`).join(" · ")}.
      ${" "}'Not seen' and 'first seen' come from what was read, not from what agencies did.${
      changes.same_coder ? "" : " The two audits were coded by different coders, so levels and measures may differ for that reason alone."}</p>
    ${moved.length > 0 && html`<ul>${moved.map((a) => html`<li>${a.agency}: ${a.before || "not in the audit"} → ${a.after || "not in the audit"}</li>`)}</ul>`}
    <details><summary>${told.length} programmes</summary><div class="scroll" tabindex="0" role="region" aria-label="Table of changes">
      <table class="beside"><thead><tr><th scope="col">Agency</th><th scope="col">Programme</th><th scope="col">Change</th>
        <th scope="col">Level before</th><th scope="col">Level now</th><th scope="col">Gained</th><th scope="col">Lost</th></tr></thead>
      <tbody>${told.map((c) => html`<tr><td>${c.agency}</td><td><bdi>${c.name}</bdi></td><td>${c.change}</td><td>${c.level_before ?? ""}</td>
        <td>${c.level ?? ""}</td><td>${c.gained.join(", ")}</td><td>${c.lost.join(", ")}</td></tr>`)}</tbody></table></div></details></section>`;
}

function App({ data }) {
  const [state, setState] = useState(() => stateFrom(location.hash, data));
  const [told, tell] = useState("");
  const change = useCallback((more) => {
    tell("");
    setState((old) => ({ ...old, ...("rows" in more && more.rows !== old.rows ? { one: "", two: "", open: "" } : {}), ...more }));
  }, []);
  useLayoutEffect(() => history.replaceState(null, "", addressOf(state) === "#" ? location.pathname + location.search : addressOf(state)), [state]);
  useEffect(() => {
    const again = () => setState(stateFrom(location.hash, data));
    addEventListener("hashchange", again);
    return () => removeEventListener("hashchange", again);
  }, [data]);
  const { open, one, two, ...choice } = state;
  const grid = useMemo(() => gridOf(data, state), [data, ...Object.values(choice)]);
  return html`<${Best} data=${data} programmes=${grid.programmes} />
    <section aria-labelledby="map"><h2 id="map">Who offers what, and where social media is part of it</h2>
    <${Controls} data=${data} state=${state} grid=${grid} change=${change} told=${told} tell=${tell} />
    <p class="key">A bubble is the number of programmes, its colour the highest level of social media:
      ${data.levels.map((l, n) => html` <span class=${`tag l${n}`} title=${l.meaning}>${n} ${l.label}</span>`)}<br />
      Without a bubble: <b>·</b> none found, and the site was read; <b>?</b> hatched: too little was read to say; <b>×</b> grey: the site did
      not let us in; <b>–</b> others than those chosen. Gap: of what is offered, the share without social media. Click a bubble for its programmes; tick two rows to compare them.</p>
    <${GridMemo} state=${state} grid=${grid} change=${change} /></section>
    <${Beside} data=${data} state=${state} grid=${grid} change=${change} />
    <${Changes} changes=${data.changes} />
    <${Details} data=${data} state=${state} grid=${grid} change=${change} />`;
}

/** The grid is drawn anew only when what it shows has changed, not when a cell is opened. */
function GridMemo(props) {
  const { state, grid, change } = props;
  return useMemo(() => html`<${Grid} state=${state} grid=${grid} change=${change} />`, [grid, state.one, state.two]);
}

readData(document.getElementById("data").textContent).then((data) => {
  const place = document.getElementById("app");
  place.textContent = "";
  render(html`<${App} data=${data} />`, place);
  document.documentElement.dataset.ready = "yes";
});
