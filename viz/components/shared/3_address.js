// How does the address say what is on show? A component owns its parameters; nothing else touches them.

// Keeps parameters in the address: in the query in the app, in the fragment in a single file.
// `parameters` turns a state into {name: text}; what equals the default stays out.
class Address {
  constructor(parameters, fragment = false) {
    this.parameters = parameters;
    this.fragment = fragment;
    this.path = location.pathname;
    this.written = new Set();
    // Streamlit may rewrite the address from its own memory at any time; put ours back.
    this.check = () => this.schedule();
    window.navigation?.addEventListener("currententrychange", this.check);
  }
  query(state) { return new URLSearchParams(this.parameters(state)).toString(); }
  // Whether the page shows another of its views by now. `view` is the one that this belongs to, if the page has several.
  left() { return this.view !== undefined && new URLSearchParams(this.text()).get("view") !== this.view && !("view" in this.parameters(this.state)); }
  text() { return (this.fragment ? location.hash : location.search).slice(1); }
  read(defaults) { return Object.fromEntries([...new URLSearchParams(this.text())].filter(([k]) => k in defaults)); }
  link() { const url = new URL(location.href); url[this.fragment ? "hash" : "search"] = this.compose(); return url.href; }
  compose() {
    const ours = this.parameters(this.state), base = this.parameters(this.defaults);
    const kept = this.text().split("&").filter((x) => x && !(x.split("=")[0] in ours));
    const own = Object.entries(ours).filter(([k, v]) => v !== base[k]).map(([k, v]) => `${k}=${encodeURIComponent(v).replaceAll("%2C", ",")}`);
    return [...kept, ...own].join("&");
  }
  set(state, defaults) { this.state = state; this.defaults = defaults; this.written.add(this.query(state)); this.schedule(); }
  schedule() { clearTimeout(this.timer); this.timer = setTimeout(() => this.write(), 150); }
  write() {
    if (!this.state || location.pathname !== this.path || this.left()) return;
    const text = this.compose();
    if (text === this.text()) return;
    const [before, hash] = [location.pathname + (this.fragment ? location.search : ""), this.fragment ? "" : location.hash];
    try {
      history.replaceState(history.state, "", before + (text && (this.fragment ? "#" : "?") + text) + hash);
    } catch { /* a browser that counts address changes refused this one; the next change writes again */ }
  }
  close() { clearTimeout(this.timer); window.navigation?.removeEventListener("currententrychange", this.check); }
}

// A link for the clipboard, or, where there is none, in a box to copy from.
class CopyLink {
  constructor(address) {
    this.box = h("input", { class: "link", readonly: true, hidden: true, "aria-label": "Link to this view" });
    this.said = h("span", { role: "status", class: "quiet" });
    this.parts = [h("button", { type: "button", onclick: () => this.copy(address.link()) }, "Copy link"), this.box, this.said];
  }
  async copy(link) {
    try {
      await navigator.clipboard.writeText(link);
      this.said.textContent = "copied";
    } catch {
      this.box.hidden = false;
      this.box.value = link;
      this.box.select();
      this.said.textContent = "copy it from here";
    }
  }
}
function download(blob, name) {
  const url = URL.createObjectURL(blob);
  h("a", { href: url, download: name.replace(/[^\w.+-]+/g, "-") }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}
