// What do all figures have in common? Data from the server, a state that the address keeps, the paper's colours, a bar
// with controls on the left and what to take away on the right, arrow keys, and words for those who can't see it.

const asText = (state) => Object.fromEntries(Object.entries(state).map(([name, value]) => [name, value == null ? "" : String(Number.isFinite(value) || typeof value === "string" ? value : Number(value))]));

// What the hand last chose in each figure, by its data. A switch of view takes a figure away, and the server, which hears
// of no move, knows only what the address said when the page last ran. A step in the browser's history says it all anew.
const LEFT_BY_HAND = (globalThis.orreryLeft ??= new Map());
if (!LEFT_BY_HAND.size) window.addEventListener("popstate", () => LEFT_BY_HAND.clear());

// One figure. A kind of figure extends it with:
//   build()     once for new data (this.data): fills this.bar (controls) and this.body (what a saved picture shows)
//   render()    after every change of this.state, of the width or of the colours
//   key(event)  for keys that were pressed in the figure and not in a field; says true when it has used one
//   title()     its name in words, for a saved picture; facts() the lines below that picture
class Figure {
  constructor(parent) {
    parent.querySelectorAll(":scope > .orrery").forEach((e) => e.remove());
    this.host = parent.host ?? parent;
    this.address = new Address(asText);
    this.turn = 0;
    this.root = h("div", { class: "orrery" });
    this.bar = h("div", { class: "control" });
    this.body = h("div", { class: "body" });
    this.live = h("div", { class: "hidden", "aria-live": "polite" });
    const save = (kind) => h("button", { type: "button", onclick: () => this.save(kind), "aria-label": `Save picture as ${kind.toUpperCase()}` }, kind.toUpperCase());
    this.actions = h("div", { class: "control actions" }, h("span", { class: "name" }, "Save picture"), save("svg"), save("png"), new CopyLink(this.address).parts);
    this.root.append(h("div", { class: "bar controls" }, this.bar, this.actions), this.body, this.live);
    parent.append(this.root);
    this.resize = new ResizeObserver(() => { // a figure that leaves the page, or is hidden, has no width
      if (this.root.clientWidth && this.root.clientWidth !== this.width) this.draw();
    });
    this.resize.observe(this.root);
    this.scheme = matchMedia("(prefers-color-scheme: dark)");
    this.repaint = () => this.draw();
    this.scheme.addEventListener("change", this.repaint);
    this.root.addEventListener("keydown", (e) => {
      if (e.ctrlKey || e.metaKey || e.altKey || !this.data || /^(INPUT|SELECT|TEXTAREA)$/.test(e.composedPath()[0].tagName)) return;
      if (this.key(e)) e.preventDefault();
    });
  }
  key() { return false; }
  facts() { return this.data.facts ?? []; }
  destroy() {
    this.closed = true;
    this.address.close();
    this.resize.disconnect();
    this.scheme.removeEventListener("change", this.repaint);
    cancelAnimationFrame(this.frame);
    this.root.remove();
  }

  // New data, or the same again: Streamlit calls on every rerun.
  async receive(packed, setStateValue) {
    const turn = ++this.turn;
    this.setStateValue = setStateValue;
    try {
      const header = JSON.parse(new TextDecoder().decode(await inflate(packed)));
      if (this.closed || turn !== this.turn) return;
      this.root.style.fontSize = header.present ? "max(1.2rem, 22.4px)" : ""; // 1.4 times the usual, however the page has grown
      this.theme = header.theme;
      this.adopt(header);
      if (header.content !== this.version) {
        this.version = header.content;
        this.data = header.data;
        this.build();
      }
      this.draw();
      requestAnimationFrame(() => { this.host.dataset.ready = "1"; performance.mark("figure-painted"); });
    } catch (error) {
      console.error(error);
      this.root.replaceChildren(h("p", { role: "alert" }, "This picture could not be read; reload the page to compute it again."));
    }
  }
  // The server's state counts at first (unless the hand has moved this very figure before), when the page commands it,
  // and when it is new and not an echo of what this browser wrote.
  adopt(header) {
    const given = { ...header.defaults, ...header.state }, sent = this.address.query(given);
    this.defaults = header.defaults;
    const left = this.state ? null : LEFT_BY_HAND.get(header.content);
    if (left?.command === header.command) this.state = { ...given, ...left.state };
    else if (!this.state || header.command !== this.command || (sent !== this.sent && !this.address.written.has(sent))) this.state = given;
    Object.assign(this, { sent, command: header.command });
    this.address.view = header.view;
    this.address.written.clear();
    this.address.set(this.state, this.defaults);
  }

  // The hand has changed something: the address follows at once, the picture with the next frame.
  set(patch) {
    Object.assign(this.state, patch);
    LEFT_BY_HAND.set(this.version, { state: this.state, command: this.command });
    this.address.set(this.state, this.defaults);
    this.frame ||= requestAnimationFrame(() => this.draw());
  }
  // Ask the server: the page reads the value from the component's result, and runs again.
  send(name, value) { this.setStateValue(name, value); }
  say(words) { this.live.textContent = words; }
  draw() {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    if (!this.data || this.closed) return;
    this.width = this.root.clientWidth;
    const dark = onDarkPaper(this.host);
    if (this.look?.dark !== dark) dress(this.root, (this.look = new Look(this.theme, dark)));
    this.em = parseFloat(getComputedStyle(this.root).fontSize);
    this.root.classList.toggle("narrow", this.width < 58 * this.em);
    this.root.classList.toggle("small", this.width < 34 * this.em);
    this.render();
  }

  // ---- parts of a bar
  button(words, act, props) { return h("button", { type: "button", onclick: act, ...props }, words); }
  check(name, words) {
    const box = h("input", { type: "checkbox", onchange: () => this.set({ [name]: box.checked ? 1 : 0 }) });
    box.checked = this.state[name] === 1;
    return h("label", { class: "check" }, box, words);
  }

  async save(kind) {
    const drawn = picture(this.body, this.look, { title: this.title(), facts: this.facts() });
    download(kind === "svg" ? new Blob([drawn.file], { type: "image/svg+xml" }) : await pixels(drawn), `${this.title()}.${kind}`);
  }
}

// What Streamlit calls, for one kind of figure.
function mount(Kind) {
  const shown = new WeakMap();
  return ({ data, parentElement, setStateValue }) => {
    let figure = shown.get(parentElement);
    if (!figure) shown.set(parentElement, (figure = new Kind(parentElement)));
    const call = (figure.calls = (figure.calls ?? 0) + 1);
    if (data) figure.receive(data, setStateValue);
    return () => {
      // An earlier call's clean-up may come after a later call: only the last one closes.
      if (figure.calls !== call) return;
      figure.destroy();
      shown.delete(parentElement);
    };
  };
}
