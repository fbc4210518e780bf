// What leaks when a decoder's mask is lifted, and what does an encoder lose under one? Token by token: what is given to
// the one that does come next, both ways; and where the heads look.

const bits = (x) => `${number(x)} bits`;

class LiftedMask extends Figure {
  constructor(parent) {
    super(parent);
    const choice = (name) => h("select", { "aria-label": name, onchange: (e) => this.set({ [name.toLowerCase()]: Number(e.target.value) }) });
    [this.layerChoice, this.headChoice] = [choice("Layer"), choice("Head")];
    this.bar.append(h("label", { class: "control" }, "Layer", this.layerChoice), h("label", { class: "control" }, "Head", this.headChoice));
    this.matrices = new Matrices(this);
  }
  build() {
    const { data } = this, options = (count) => Array.from({ length: count }, (_, i) => h("option", { value: i }, String(i)));
    this.matrices.build(data);
    this.layerChoice.replaceChildren(...options(data.later.length));
    this.headChoice.replaceChildren(...options(data.later[0].length));
    this.predicts = data.likely.length > 0;
    this.heading = h("h2");
    this.rows = this.predicts ? this.predicted() : this.moved();
    this.list = h("div", { class: "list", tabindex: 0, role: "group", "aria-label": "Tokens of the text; the up and down arrows go from one to the next" }, this.rows.table);
    [this.detail, this.readout] = ["detail", "readout"].map((name) => h("div", { class: name }));
    this.body.replaceChildren(this.heading, this.list, this.detail, this.matrices.box, this.readout);
    this.heading.textContent = this.headline();
  }
  headline() {
    const { data } = this;
    if (data.mean.length) return `What does come next costs ${bits(data.mean[0])} a token with the mask, ${bits(data.mean[1])} with the mask lifted`;
    const last = data.cosines.at(-1);
    return `Without a look at what comes later, the vectors point elsewhere: mean cosine ${number(last.reduce((sum, value) => sum + value, 0) / last.length)}`;
  }
  // The token whose answer gains or loses most, unless one is chosen.
  get token() {
    const { data, state } = this, here = state.token == null ? -1 : state.token - data.first;
    if (here >= 0 && here < data.shown) return here;
    const gains = this.predicts ? data.true[1].map((p, i) => Math.abs(p - data.true[0][i])) : data.cosines.at(-1).map((value) => 1 - value);
    return gains.length ? gains.indexOf(Math.max(...gains)) : 0;
  }
  get place() {
    const { later } = this.data, { layer, head } = this.state;
    if (layer != null && head != null) return [layer, head];
    const best = later.flatMap((row, l) => row.map((share, k) => [share, l, k])).filter(([, l, k]) => (layer == null || l === layer) && (head == null || k === head)).sort((a, b) => b[0] - a[0])[0];
    return [best[1], best[2]];
  }
  row(i, cells) {
    return h("tr", { onclick: () => this.set({ token: this.data.first + i }) }, h("td", { class: "token" }, h("button", { type: "button", class: "plain", "aria-label": `Token ${this.data.first + i}: ${plain(this.data.tokens[i])}` }, chip(this.data.tokens[i], true))), ...cells);
  }
  table(names, rows) {
    return h("table", null, h("thead", null, h("tr", null, ...names.map((name) => h("th", { scope: "col" }, name)))), h("tbody", null, ...rows));
  }
  bar2(p, kind) { return h("span", { class: "track", "aria-hidden": "true" }, h("span", { class: `filled ${kind}`, style: `width:${100 * p}%` })); }
  predicted() {
    const { data } = this, rows = Array.from({ length: data.shown }, (_, i) => {
      const next = data.tokens[i + 1], has = data.true[0][i] !== undefined;
      return this.row(i, [h("td", { class: "token" }, has && next ? chip(next, true) : "–"), h("td", { class: "value" }, has ? number(data.true[0][i]) : "–"), h("td", { class: "value other" }, has ? number(data.true[1][i]) : "–"),
        h("td", { class: "tracks" }, has ? [this.bar2(data.true[0][i], "own"), this.bar2(data.true[1][i], "other")] : null), h("td", { class: "value" }, number(data.divergences[i]))]);
    });
    return { rows, table: this.table(["behind", "comes", "with mask", "lifted", "its probability", "KL, bits"], rows) };
  }
  moved() {
    const { data } = this, last = data.cosines.at(-1), rows = Array.from({ length: data.shown }, (_, i) =>
      this.row(i, [h("td", { class: "value" }, number(last[i])), h("td", { class: "tracks" }, this.bar2(Math.max(0, last[i]), "own"))]));
    return { rows, table: this.table(["token", "cosine", "of its last vector with and without the mask"], rows) };
  }

  render() {
    const { token } = this, [layer, head] = this.place;
    this.layerChoice.value = layer;
    this.headChoice.value = head;
    this.rows.rows.forEach((row, i) => {
      row.classList.toggle("on", i === token);
      row.querySelector("button").setAttribute("aria-pressed", String(i === token));
    });
    const moved = this.shown !== undefined && this.shown !== token, row = this.rows.rows[token];
    if (moved) {
      const box = row.getBoundingClientRect(), frame = this.list.getBoundingClientRect();
      if (box.top < frame.top) this.list.scrollTop += box.top - frame.top - 30;
      else if (box.bottom > frame.bottom) this.list.scrollTop += box.bottom - frame.bottom + 6;
    }
    this.shown = token;
    this.drawDetail(token);
    this.matrices.show(layer, head, token);
    this.point();
    if (moved) this.say(this.summary(token));
  }
  drawDetail(token) {
    const { data } = this, one = (side) => h("table", { class: "likely" }, h("caption", null, side ? "Mask lifted, behind " : "With the mask, behind ", chip(data.tokens[token], true)),
      h("thead", { class: "hidden" }, h("tr", null, h("th", { scope: "col" }, "Token"), h("th", { scope: "col" }, "Probability"))),
      h("tbody", null, ...data.likely[side][token].map(([text, p]) => h("tr", null, h("td", { class: "token" }, chip({ text, kind: "text", part: [0, 1] }, true)), h("td", { class: "value" }, number(p)), h("td", { class: "tracks" }, this.bar2(p, side ? "other" : "own"))))));
    const course = data.cosines.map((row) => row[token]), em = this.em, width = Math.min(24 * em, this.width), high = 6 * em, low = Math.min(0, ...course);
    const x = (i) => 2.2 * em + (i / (course.length - 1)) * (width - 3 * em), y = (value) => 0.5 * em + ((1 - value) / (1 - low)) * (high - 2.2 * em);
    const curve = h("div", null, h("h3", null, "Its two vectors, layer by layer: cosine"), svg("svg", { role: "img", class: "course", width, height: high, "aria-label": `Cosine between the token's two vectors: ${course.map((value, i) => `${i === 0 ? "at first" : `after layer ${i - 1}`} ${number(value)}`).join(", ")}` },
      ...[0, 1].flatMap((value) => [svg("path", { class: "axis", d: `M${x(0)} ${y(value)}H${x(course.length - 1)}` }), svg("text", { class: "tick", x: x(0) - 0.5 * em, y: y(value), "text-anchor": "end", "dominant-baseline": "central" }, String(value))]),
      svg("path", { class: "line", d: course.map((value, i) => `${i ? "L" : "M"}${x(i).toFixed(1)} ${y(value).toFixed(1)}`).join("") }),
      svg("text", { class: "tick", x: x(0), y: high - 0.3 * em }, "embedding"), svg("text", { class: "tick", x: x(course.length - 1), y: high - 0.3 * em, "text-anchor": "end" }, `after layer ${course.length - 2}`)));
    this.detail.replaceChildren(...(this.predicts ? [one(0), one(1)] : []), curve);
  }
  // A cell of a picture, or nothing.
  point(other, query, key) {
    const { data, matrices } = this, [layer, head] = this.place;
    if (other === undefined || query >= data.shown || key >= data.shown) { this.readout.textContent = `With head ${head} of layer ${layer}, ${matrices.words(0, layer, head, this.token)}; ${NAMES[1](data.causal)}, at ${matrices.words(1, layer, head, this.token).split(" looks at ")[1]}.`; return; }
    const weight = matrices.weight(other, layer, head, query, key), hidden = data.causal !== Boolean(other) && key > query;
    this.readout.textContent = `${NAMES[other](data.causal)}: ${plain(data.tokens[query])} looks at ${plain(data.tokens[key])}${hidden ? ", which is hidden: 0" : ` with ${number(weight)}`}`;
  }
  summary(token) {
    const { data } = this, named = plain(data.tokens[token]);
    if (!this.predicts) return `${named}: cosine ${number(data.cosines.at(-1)[token])}`;
    const p = data.true.map((row) => row[token]);
    return p[0] === undefined ? `${named}: the last token; KL ${bits(data.divergences[token])}` : `Behind ${named} comes ${plain(data.tokens[token + 1])}: ${number(p[0])} with the mask, ${number(p[1])} with the mask lifted; KL ${bits(data.divergences[token])}`;
  }
  key(event) {
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key], turn = { ArrowLeft: -1, ArrowRight: 1 }[event.key], { first, shown, later } = this.data;
    const [layer, head] = this.place, heads = later[0].length;
    if (by) this.set({ token: first + Math.max(0, Math.min(shown - 1, this.token + by)) });
    else if (turn) {
      const at = Math.max(0, Math.min(later.length * heads - 1, layer * heads + head + turn));
      this.set({ layer: Math.floor(at / heads), head: at % heads });
    } else return false;
    return true;
  }
  title() { return this.data.causal ? "The causal mask, lifted" : "An encoder under a causal mask"; }
}

export default mount(LiftedMask);
