// What is on show? The browser owns these parameters; shared/3_address.js keeps them in the address.

const VIEWS = { map: "Map", heads: "Heads", matrix: "Matrix", text: "Text", rollout: "Rollout" };

function readState(given, defaults) {
  const s = { ...defaults, ...given };
  const whole = (x, otherwise) => (/^\d+$/.test(String(x)) ? Number(x) : otherwise);
  const heads = String(s.head).split(",").map((x) => whole(x, -1)).filter((x) => x >= 0);
  return {
    view: s.view in VIEWS ? s.view : "map",
    layer: whole(s.layer, 0),
    head: heads.length ? [...new Set(heads)] : [0],
    token: s.token == null || s.token === "" ? null : whole(s.token, null),
    sort: String(s.sort ?? "layer"),
    filter: s.filter == null || s.filter === "" || !Number.isFinite(Number(s.filter)) ? null : Number(s.filter),
    spaces: Number(s.spaces) === 1,
    special: Number(s.special) === 1,
    average: s.average === "mean" ? "mean" : "rollout",
  };
}
const asParameters = (s) => ({
  view: s.view, layer: String(s.layer), head: s.head.join(","), token: s.token == null ? "" : String(s.token), sort: s.sort,
  filter: s.filter == null ? "" : String(s.filter), spaces: s.spaces ? "1" : "0", special: s.special ? "1" : "0", average: s.average,
});
