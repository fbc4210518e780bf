// What does one stage of the chain look like? Its control, its measures, its curve, the most probable tokens, the rest of
// them summed. Built once; every frame changes texts, widths and paths in place.

const ROWS = 16;
const MEASURES = [
  ["kept", "kept", (stage) => many(stage.kept)],
  ["cut", "cut", (stage) => many(stage.cut)],
  ["removed", "mass removed", (stage) => (stage.cut ? percent(stage.removed) : "–")],
  ["entropy", "entropy", (stage) => `${stage.entropy.toFixed(2)} bits`],
  ["perplexity", "perplexity", (stage) => number(stage.perplexity)],
  ["effective", "effective choices", (stage) => number(stage.effective)],
];
const HINTS = {
  removed: "probability that the tokens cut here had before", perplexity: "2 to the entropy: as uncertain as a fair choice among so many",
  effective: "1 / Σp²: 1 over the chance that two draws are the same",
};

class Column {
  constructor(figure, name) {
    Object.assign(this, { figure, name, title: name ? KINDS[name].title : "The model", now: h("span", { class: "now" }) });
    this.head = h("div", { class: "head" }, name ? this.handle() : null, h("h3", null, this.title, " ", this.now),
      name ? figure.button("×", () => figure.off(name), { class: "plain leave", "aria-label": `Switch off ${this.title}` }) : null);
    this.control = h("div", { class: "set" }, this.controls());
    this.values = MEASURES.map(([key, words, write]) => ({ write, text: document.createTextNode(""), words, key }));
    this.measures = h("dl", null, this.values.map(({ words, text, key }) => h("div", { title: HINTS[key] }, h("dt", null, words), h("dd", { "data-measure": key }, text))));
    this.curve = new Curve();
    this.followed = h("p", { class: "followed" });
    this.rows = Array.from({ length: ROWS }, (_, i) => this.row(i));
    this.list = h("div", { class: "rows", role: "listbox", tabindex: 0, "aria-label": `${this.title}: tokens` }, this.rows.map((row) => row.part));
    this.rest = h("p", { class: "rest" });
    this.part = h("section", { class: "column", "aria-label": this.title, "data-sampler": name ?? "logits" }, this.head, this.control, this.measures, this.curve.part, this.followed, this.list, this.rest);
  }
  // Takes hold of the column: dragged, or moved by the arrow keys.
  handle() {
    const { figure, name } = this;
    return (this.grip = figure.button("⠿", () => {}, { class: "grip leave", "aria-label": `Move ${this.title}: drag it, or use the left and right arrow keys`,
      onpointerdown: (e) => { if (e.button === 0) figure.drag(name, e); },
      onkeydown: (e) => {
        const by = { ArrowLeft: -1, ArrowRight: 1 }[e.key];
        if (!by) return;
        e.preventDefault();
        e.stopPropagation();
        figure.move(name, by);
      } }));
  }
  controls() {
    const { figure, name } = this;
    if (!name) return [h("p", { class: "quiet" }, "softmax of the logits as they come from the model")];
    const what = h("p", { class: "quiet" }, KINDS[name].what);
    if (name === "logit_bias") return [(this.biases = new Biases(figure)).part, what];
    const kind = KINDS[name];
    this.range = h("input", { type: "range", min: 0, max: 1000, step: 1, "aria-label": this.title,
      oninput: () => figure.set({ [name]: kind.from(Number(this.range.value), figure.data.texts.length) }) });
    this.box = h("input", { type: "text", inputmode: "decimal", class: "value", "aria-label": `${this.title}, exact`, onchange: () => figure.typed(name, this.box) });
    return [h("div", { class: "pair" }, this.range, this.box), what];
  }
  row(i) {
    const words = h("bdi"), bar = h("span", { class: "bar-of" }), value = h("span", { class: "p" }), greedy = h("span", { class: "greedy" });
    const part = h("div", { class: "row", role: "option", onclick: () => this.figure.choose(i) }, greedy, h("span", { class: "tok" }, words), h("span", { class: "track" }, bar), value);
    return { part, words, bar, value, greedy, was: {} };
  }
  // Writes into a row only what has changed.
  write(row, now, selected) {
    const { was } = row;
    row.was = now;
    if (now.text !== was.text) row.words.textContent = now.text;
    if (now.width !== was.width) row.bar.style.width = now.width;
    if (now.value !== was.value) row.value.textContent = now.value;
    if (now.mark !== was.mark) row.greedy.textContent = now.mark;
    if (now.look === was.look) return;
    row.part.className = now.look;
    row.part.setAttribute("aria-selected", String(selected));
  }
  // What the link or another hand has set.
  refresh() {
    const { name, figure } = this;
    if (!name) return;
    if (this.biases) { this.biases.refresh(); return; }
    const value = figure.state[name], kind = KINDS[name], active = figure.root.getRootNode().activeElement;
    const at = Math.max(0, Math.min(1000, Math.round(kind.at(value, figure.data.texts.length))));
    if (Number(this.range.value) !== at && active !== this.range) this.range.value = at;
    const words = name === "top_k" && value === 0 ? "all" : said(value);
    this.range.setAttribute("aria-valuetext", words);
    if (active !== this.box) this.box.value = words;
    this.now.textContent = words;
  }
  // `rows` are token ids, `most` the largest probability of all columns, `chosen` a token id.
  show(stage, before, { rows, most, chosen }) {
    for (const { text, write } of this.values) { const words = write(stage); if (text.data !== words) text.data = words; }
    const { order, p, z } = stage, top = greedyOf(stage);
    let sum = 0, kept = 0, one = null;
    rows.forEach((id, i) => {
      const row = this.rows[i], there = id === undefined ? -1 : order.lastIndexOf(id), share = there < 0 ? 0 : p[there];
      row.part.hidden = id === undefined;
      if (id === undefined) return;
      if (there >= 0) { sum += share; kept++; }
      this.write(row, {
        text: tokenText({ text: this.figure.data.texts[id] }, true, 24),
        width: `${most ? Math.min(100, (100 * share) / most).toFixed(1) : 0}%`,
        value: there < 0 ? "cut" : percent(share),
        mark: id === top ? "◆" : "",
        look: `row${there < 0 ? " gone" : ""}${id === chosen ? " on" : ""}`,
      }, id === chosen);
      if (id === chosen) one = there < 0 ? null : { rank: order.length - there, p: share, z: z[id] };
    });
    this.followed.textContent = one ? `logit ${one.z.toFixed(2).replace("-", "−")} · rank ${many(one.rank)} · ${percent(one.p)}` : before && before.order.includes(chosen) ? "cut here" : "cut before";
    const others = stage.kept - kept;
    this.rest.textContent = others ? `${many(others)} other${others === 1 ? "" : "s"}: ${percent(Math.max(0, 1 - sum))}` : "no others";
    this.curve.show(stage, before, one);
  }
}
