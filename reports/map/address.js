// The state of the view in the address, so that a view can be kept and shared.

const START = {
  rows: "agencies", cols: "measures", sort: "gap", q: "", country: "", region: "", income: "", kind: "", verdict: "",
  coverage: "", language: "", audience: "", instrument: "", level: "", one: "", two: "", open: "",
};

/** The state that an address tells; what it does not know or cannot be is left out. */
function stateFrom(hash, data) {
  const state = { ...START };
  const said = new URLSearchParams(hash.replace(/^#/, ""));
  for (const name of Object.keys(START)) {
    if (said.has(name)) state[name] = said.get(name).slice(0, 300);
  }
  if (!Object.hasOwn(ROWS, state.rows)) state.rows = START.rows;
  if (!Object.hasOwn(COLUMNS, state.cols)) state.cols = START.cols;
  if (!Object.hasOwn(SORTS, state.sort)) state.sort = START.sort;
  for (const name of [...Object.keys(AGENCY_FILTERS), ...Object.keys(PROGRAMME_FILTERS)]) {
    if (state[name] && !choices(data, name).some(([value]) => value === state[name])) state[name] = "";
  }
  return state;
}

function addressOf(state) {
  const said = new URLSearchParams();
  for (const [name, value] of Object.entries(state)) {
    if (value && value !== START[name]) said.set(name, value);
  }
  return "#" + said.toString();
}
