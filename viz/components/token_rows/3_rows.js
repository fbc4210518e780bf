// How do the tokens of several tokenizers lie on one text? Rows of chips, one below the other, tied by the characters.

const PASSAGE = 240; // characters
const NEAR = 700; // pixels round the window within which passages hold chips
const PICTURED = 1000; // characters of a long text that go into a saved picture

class TokenRows extends Figure {
  build() {
    this.observer?.disconnect();
    const { data } = this;
    this.letters = Array.from(data.text);
    this.rows = data.rows.map((columns) => new Row(columns, this.letters));
    this.pointed = null;
    this.waiting = new Set();
    this.spaces = null;

    this.price = h("input", { type: "number", min: 0, max: 1e6, step: "any", value: this.state.price, "aria-label": "Dollars per million tokens",
      oninput: () => { const price = this.price.valueAsNumber; if (price >= 0 && price <= 1e6) this.set({ price }); },
      onchange: () => this.send("price", this.state.price) });
    this.bar.replaceChildren(this.check("spaces", "Show spaces"), data.priced ? h("label", { class: "check" }, "$ per million tokens", this.price) : "");

    const edges = passages(this.letters, PASSAGE);
    this.parts = edges.slice(1).map((end, i) => this.part(edges[i], end, i === edges.length - 2));
    this.partOf = new Map(this.parts.map((part) => [part.box, part]));
    this.root.classList.toggle("long", this.parts.length > 1);
    this.readout = h("div", { class: "readout" });
    const names = list(this.rows.map((row) => row.title));
    this.box = h("div", { class: "box", tabindex: 0, role: "group", "aria-label": `Tokens of ${names}. Left and right arrows go along a row, up and down to the same characters in another row.`,
      onpointerover: (e) => this.point(this.placeOf(e)), onpointerleave: () => this.point(null), onclick: (e) => this.keep(this.placeOf(e)) }, this.parts.map((part) => part.box));
    this.box.dir = rightToLeft(data.text) ? "rtl" : "ltr";
    this.table = h("div", { class: "table" });
    this.body.replaceChildren(this.readout, this.box, this.table, h("p", { class: "note" }, contents(data, this.letters)), data.note ? h("p", { class: "note" }, data.note) : "");
    this.observer = new IntersectionObserver((seen) => seen.forEach((entry) => this.near(entry)), { root: this.box, rootMargin: `${NEAR}px 0px` });
    this.parts.forEach((part) => this.observer.observe(part.box));
    this.unmeasured = true;
  }

  // A passage: its characters, and for each row the tokens that begin in it.
  part(start, end, last) {
    const tokens = this.rows.map((row) => [row.from(start), last ? row.count : row.from(end)]);
    return { start, end, tokens, chips: null, box: h("section", { class: "passage" }) };
  }
  near({ isIntersecting, target, boundingClientRect }) {
    const part = this.partOf.get(target);
    if (isIntersecting) this.waiting.add(part);
    else {
      this.waiting.delete(part);
      this.empty(part, boundingClientRect.height);
    }
    this.filling ||= requestAnimationFrame(() => this.fillOne());
  }
  // One passage in each frame, so that scrolling goes on.
  fillOne() {
    this.filling = 0;
    const [part] = this.waiting;
    if (!part || this.closed) return;
    this.waiting.delete(part);
    this.fill(part);
    if (this.waiting.size) this.filling = requestAnimationFrame(() => this.fillOne());
  }
  fill(part) {
    if (part.chips) return;
    const { spaces } = this.state;
    part.chips = part.tokens.map(([first, last], r) => Array.from({ length: last - first }, (_, k) => {
      const made = chip(this.rows[r].token(first + k), spaces);
      made.classList.add(`shade${(first + k) % 3}`);
      made.place = [r, first + k];
      return made;
    }));
    const many = this.parts.length > 1;
    part.box.replaceChildren(...(many ? [h("p", { class: "where" }, `characters ${part.start} to ${part.end - 1}`)] : []), ...this.rows.map((row, r) =>
      h("div", { class: "line" }, h("div", { class: "who", dir: "ltr" }, h("bdi", null, cut(row.title, 40)), h("small", null, several(part.chips[r].length, "token"))), h("div", { class: "chips" }, part.chips[r]))));
    part.box.style.height = "";
    this.light(part);
  }
  // Far from the window: its place is held, its chips are let go.
  empty(part, height) {
    if (!part.chips) return;
    part.box.style.height = `${height}px`;
    part.box.replaceChildren();
    part.chips = null;
  }

  render() {
    const { state, look } = this;
    look.heads.slice(0, 3).forEach((_, i) => this.root.style.setProperty(`--shade${i}`, look.shade([look.parts.query, look.paper.accent, look.parts.value][i], 34).back));
    if (this.spaces !== state.spaces || this.drawn !== this.width) {
      this.parts.filter((part) => part.chips).forEach((part) => { this.waiting.add(part); part.chips = null; });
      this.parts.forEach((part) => { part.box.style.height = ""; });
      [this.spaces, this.drawn, this.unmeasured] = [state.spaces, this.width, true];
    }
    if (this.unmeasured) {
      // The first passages at once; how high they are says how high the others will be.
      this.unmeasured = false;
      this.waiting.add(this.parts[0]);
      for (const part of this.waiting) this.fill(part);
      this.waiting.clear();
      const [first] = this.parts, each = first.box.offsetHeight / (first.end - first.start);
      for (const part of this.parts) if (!part.chips) part.box.style.height = `${Math.round(each * (part.end - part.start))}px`;
    }
    this.table.replaceChildren(countsTable(this.data, this.rows, state.price));
    const kept = this.kept();
    if (kept && this.shown !== state.token) this.bring(kept);
    this.shown = state.token;
    this.show();
  }

  // ---- one token, and its twins in the other rows
  kept() {
    const [r, i] = (this.state.token ?? "").split(",").map(Number);
    return this.rows[r] && i < this.rows[r].count ? [r, i] : null;
  }
  placeOf(event) { return event.composedPath().find((e) => e.place)?.place ?? null; }
  twins([r, i], other) { return this.rows[other].within(this.rows[r].starts[i], this.rows[r].ends[i]); }
  point(place) {
    if (String(place) === String(this.pointed)) return;
    this.pointed = place;
    this.show();
  }
  keep(place) {
    if (!place) return;
    this.set({ token: String(place) === this.state.token ? null : String(place) });
  }
  show() {
    const place = this.pointed ?? this.kept();
    this.lit = place && this.rows.map((_, r) => (r === place[0] ? [place[1]] : this.twins(place, r)));
    this.parts.forEach((part) => this.light(part));
    if (!place) {
      this.readout.replaceChildren(h("p", { class: "quiet leave" }, "Point at a token, or move with the arrow keys: the tokens of the other rows that share its characters light up. A click keeps it."));
      return;
    }
    const [r, i] = place, row = this.rows[r], token = row.token(i);
    this.readout.replaceChildren(
      h("p", null, chip(token, this.state.spaces), h("span", null, ` in ${cut(row.title, 40)}: ${about(token, i)}`)),
      h("p", { class: "quiet" }, this.inOthers(place)));
  }
  // In words: how many tokens each other row has for these characters.
  inOthers([r, i]) {
    const counts = new Map();
    this.rows.forEach((row, other) => {
      if (other === r) return;
      const words = several(this.twins([r, i], other).length, "token").replace(/^0 tokens$/, "no token");
      counts.set(words, [...(counts.get(words) ?? []), cut(row.title, 24)]);
    });
    return counts.size ? `The same characters: ${[...counts].map(([words, titles]) => `${words} in ${list(titles)}`).join("; ")}.` : "";
  }
  light(part) {
    for (const made of part.lit ?? []) made.classList.remove("on", "twin");
    part.lit = [];
    if (!this.lit || !part.chips) return;
    const source = (this.pointed ?? this.kept())[0];
    this.lit.forEach((tokens, r) => {
      for (const i of tokens) {
        const made = part.chips[r][i - part.tokens[r][0]];
        if (!made) continue;
        made.classList.add("on");
        if (r !== source) made.classList.add("twin");
        part.lit.push(made);
      }
    });
  }
  // Into the window of the box, without moving the page.
  bring([r, i]) {
    const part = this.parts.find(({ tokens }) => i >= tokens[r][0] && i < tokens[r][1]);
    if (!part) return;
    this.fill(part);
    if (this.parts.length < 2) return;
    const at = part.chips[r][i - part.tokens[r][0]].getBoundingClientRect(), box = this.box.getBoundingClientRect();
    if (at.top < box.top || at.bottom > box.bottom) this.box.scrollTop += at.top - box.top - box.height / 4;
  }

  key({ key }) {
    const along = { ArrowLeft: -1, ArrowRight: 1 }[key] * (this.box.dir === "rtl" ? -1 : 1), across = { ArrowUp: -1, ArrowDown: 1 }[key];
    if (key === "Escape" && this.kept()) { this.set({ token: null }); return true; }
    if (!along && !across) return false;
    const full = this.rows.findIndex((row) => row.count > 0);
    if (full < 0) return false;
    let next = this.kept();
    if (!next) next = [full, 0];
    else if (along) next = [next[0], Math.min(Math.max(next[1] + along, 0), this.rows[next[0]].count - 1)];
    else next = this.across(next, across);
    this.pointed = null;
    this.set({ token: String(next) });
    const token = this.rows[next[0]].token(next[1]);
    this.say(`${this.rows[next[0]].title}: ${label(token, true)}, ${about(token, next[1])}. ${this.inOthers(next)}`);
    return true;
  }
  // The nearest row, up or down, that has a token for these characters; of several, the one that shares the most.
  across([from, i], step) {
    const { starts, ends } = this.rows[from];
    for (let r = from + step; this.rows[r]; r += step) {
      const common = (twin) => Math.min(ends[i], this.rows[r].ends[twin]) - Math.max(starts[i], this.rows[r].starts[twin]);
      const twins = this.twins([from, i], r);
      if (twins.length) return [r, twins.reduce((best, twin) => (common(twin) > common(best) ? twin : best))];
    }
    return [from, i];
  }

  title() { return `One text under ${several(this.rows.length, "tokenizer")}`; }
  facts() {
    return [...this.data.facts, ...(this.letters.length > PICTURED ? [`The picture shows the beginning of a text of ${several(this.letters.length, "character")}.`] : [])];
  }
  save(kind) {
    const top = this.box.scrollTop;
    this.root.classList.add("saving");
    for (const part of this.parts) if (part.start < PICTURED) this.fill(part); else part.box.hidden = true;
    const saved = super.save(kind);
    for (const part of this.parts) part.box.hidden = false;
    this.root.classList.remove("saving");
    this.box.scrollTop = top;
    return saved;
  }
  destroy() {
    this.observer?.disconnect();
    cancelAnimationFrame(this.filling);
    super.destroy();
  }
}

export default mount(TokenRows);
