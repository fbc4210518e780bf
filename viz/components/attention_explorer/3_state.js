// What is on show, and how does the address say so? The browser owns these parameters; nothing else touches them.

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
const query = (s) => new URLSearchParams(asParameters(s)).toString();

// Keeps this component's parameters in the address: the query in the app, the fragment in a single file.
class Address {
  constructor(fragment) {
    this.fragment = fragment;
    this.path = location.pathname;
    this.written = new Set();
    // Streamlit may rewrite the address from its own memory at any time; put ours back.
    this.check = () => this.schedule();
    window.navigation?.addEventListener("currententrychange", this.check);
  }
  text() { return (this.fragment ? location.hash : location.search).slice(1); }
  read(defaults) { return Object.fromEntries([...new URLSearchParams(this.text())].filter(([k]) => k in defaults)); }
  link() { const url = new URL(location.href); url[this.fragment ? "hash" : "search"] = this.compose(); return url.href; }
  compose() {
    const ours = asParameters(this.state), base = asParameters(readState({}, this.defaults));
    const kept = this.text().split("&").filter((x) => x && !(x.split("=")[0] in ours));
    const own = Object.entries(ours).filter(([k, v]) => v !== base[k]).map(([k, v]) => `${k}=${encodeURIComponent(v).replaceAll("%2C", ",")}`);
    return [...kept, ...own].join("&");
  }
  set(state, defaults) { this.state = state; this.defaults = defaults; this.written.add(query(state)); this.schedule(); }
  schedule() { clearTimeout(this.timer); this.timer = setTimeout(() => this.write(), 150); }
  write() {
    if (!this.state || location.pathname !== this.path) return;
    const text = this.compose();
    if (text === this.text()) return;
    const [before, hash] = [location.pathname + (this.fragment ? location.search : ""), this.fragment ? "" : location.hash];
    try {
      history.replaceState(history.state, "", before + (text && (this.fragment ? "#" : "?") + text) + hash);
    } catch { /* a browser that counts address changes refused this one; the next change writes again */ }
  }
  close() { clearTimeout(this.timer); window.navigation?.removeEventListener("currententrychange", this.check); }
}
