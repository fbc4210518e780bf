// What does a batch with a longer text make of a shorter one? The batch as the model is given it, what comes of it, and
// all ways of filling up in one table.

const SAME = 1e-4; // of the largest number: rounding is far below, another text far above
const COLUMNS = 64; // that are drawn; a batch may be longer
const SIDE_NAMES = ["left", "right"];
const small = (value) => {
  if (value === 0) return "0";
  if (value >= 0.001) return `${100 * value >= 10 ? Math.round(100 * value) : Number((100 * value).toPrecision(2))} %`;
  const [digits, power] = value.toExponential(0).split("e");
  return `${digits} × 10${String(Number(power)).replace("-", "⁻").replace(/\d/g, (d) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[d])}`;
};

class PaddedBatch extends Figure {
  constructor(parent) {
    super(parent);
    this.choice = h("select", { "aria-label": "Filled up on the", onchange: () => this.set({ side: this.choice.value }) }, ...SIDE_NAMES.map((side) => h("option", { value: side }, side)));
    const box = (name) => h("input", { type: "checkbox", onchange: (e) => this.set({ [name]: e.target.checked ? 1 : 0 }) });
    [this.maskBox, this.countBox] = [box("masked"), box("counted")];
    this.bar.append(h("label", { class: "control" }, "Filled up on the", this.choice), h("label", { class: "check" }, this.maskBox, "attention mask"), h("label", { class: "check" }, this.countBox, "positions counted from the text"));
  }
  build() {
    this.heading = h("h2");
    [this.batch, this.said, this.answers, this.parts] = ["batch", "said", "answers", "parts"].map((name) => h("div", { class: name }));
    this.batch.tabIndex = 0;
    this.batch.setAttribute("role", "group");
    this.batch.setAttribute("aria-label", "The batch as the model is given it");
    this.body.replaceChildren(this.heading, this.batch, this.said, this.answers, this.parts);
  }
  get way() { return [SIDE_NAMES.indexOf(this.state.side), this.state.masked, this.data.takes ? this.state.counted : 0]; }
  at(values, [side, mask, counted] = this.way) { return values[side][mask][counted]; }
  worst(way) { return Math.max(...this.at(this.data.differences, way)); }
  from([, , counted]) { return this.data.takes ? ["the first column", "the text"][counted] : "the model itself"; } // where the positions are counted from
  top(values) { return values.length ? values.indexOf(Math.max(...values)) : -1; }

  render() {
    const { data, state } = this, worst = this.worst(), same = worst < SAME;
    this.choice.value = state.side;
    this.maskBox.checked = state.masked === 1;
    this.countBox.checked = data.takes && state.counted === 1;
    this.countBox.disabled = !data.takes;
    this.heading.textContent = `Filled up on the ${state.side}, ${state.masked ? "with" : "without"} an attention mask: ${same ? `the short text's vectors are what they are alone, to ${small(worst)}` : `the short text's vectors change by up to ${small(worst)}`}`;
    this.drawBatch();
    this.said.textContent = this.why(same);
    this.drawAnswers();
    this.drawParts();
    if (this.spoken && this.spoken !== this.heading.textContent) this.say(this.heading.textContent);
    this.spoken = this.heading.textContent;
  }
  drawBatch() {
    const { data, state } = this, left = state.side === "left", all = data.longer.length, missing = all - data.tokens.length, shown = Math.min(COLUMNS, all);
    const border = left ? missing : data.tokens.length, from = Math.max(0, Math.min(all - shown, border - shown / 2)); // of a long batch, where the filling meets the text
    const fill = () => h("span", { class: "tok special" }, h("bdi", null, cut(data.padding, 14))), real = (c) => (left ? c >= missing : c < data.tokens.length);
    const columns = Array.from({ length: shown }, (_, i) => from + i), own = (c) => c - (left ? missing : 0);
    const position = (c) => (state.counted ? Math.max(0, real(c) ? own(c) : left ? 0 : data.tokens.length - 1) : c);
    const row = (name, cell, kind) => h("tr", { class: kind ?? null }, h("th", { scope: "row" }, name), ...columns.map((c) => h("td", null, cell(c))));
    this.batch.replaceChildren(h("table", null, h("tbody", null,
      row("short text", (c) => (real(c) ? chip(data.tokens[own(c)], true) : fill())),
      row("mask", (c) => (real(c) || !state.masked ? "1" : "0"), "numbers"), data.takes ? row("position", (c) => String(position(c)), "numbers") : null,
      row("long text", (c) => chip({ text: data.longer[c], kind: "text", part: [0, 1] }, true)))),
      ...(all > shown ? [h("p", { class: "quiet" }, `Columns ${from.toLocaleString("en")} to ${(from + shown - 1).toLocaleString("en")} of ${all.toLocaleString("en")}, counted from 0.`)] : []));
  }
  why(same) {
    const { data, state } = this, decoder = data.texts.length > 0;
    if (state.masked && same) return "The mask hides what was filled in, so that nobody looks at it, and the rest is as it was: only rounding differs.";
    if (state.masked && (state.counted || !data.takes)) return "The mask should hide what was filled in, but this model doesn't leave it out altogether: the numbers change all the same.";
    if (state.masked) return "The mask hides what was filled in, but the positions are counted from the batch's first column: the text's own tokens stand where they never stood, and this model's positions are places in a table.";
    if (same) return "Without a mask the filled-in tokens are words like any others. But they stand behind the text, and the causal mask hides what comes later anyway: its own tokens don't see them.";
    return `Without a mask the filled-in tokens are read like words${decoder ? " that stand before the text" : ", and every token looks at them"}.`;
  }
  table(caption, values) {
    const { texts } = this.data, order = [...values.keys()].sort((a, b) => values[b] - values[a]).slice(0, 5);
    return h("table", null, h("caption", null, caption), h("thead", { class: "hidden" }, h("tr", null, h("th", { scope: "col" }, "Token"), h("th", { scope: "col" }, "Probability"))),
      h("tbody", null, ...order.map((i) => h("tr", null, h("td", { class: "token" }, chip({ text: texts[i], kind: "text", part: [0, 1] }, true)), h("td", { class: "value" }, number(values[i]))))));
  }
  drawAnswers() {
    const { data } = this;
    if (!data.texts.length) { this.answers.replaceChildren(); return; }
    const lost = this.at(data.divergences);
    this.answers.replaceChildren(this.table("Alone, the next token", data.alone), this.table(`In the batch (KL ${lost < 0.001 ? "0" : number(lost)} bits)`, this.at(data.probabilities)), this.table("Read at the last column, logits[:, -1]", this.at(data.end)));
  }
  drawParts() {
    const { data } = this, differences = this.at(data.differences), cosines = this.at(data.cosines), head = (names) => h("thead", null, h("tr", null, ...names.map((name) => h("th", { scope: "col" }, name))));
    const ways = [0, 1].flatMap((side) => [0, 1].flatMap((mask) => (data.takes ? [0, 1] : [0]).map((counted) => [side, mask, counted]))), now = this.way.join();
    const decoder = data.texts.length > 0;
    this.parts.replaceChildren(
      h("table", { class: "ways" }, h("caption", null, "All ways"), head(["filled up", "mask", "positions from", "largest difference", ...(decoder ? ["next token"] : [])]),
        h("tbody", null, ...ways.map((way) => h("tr", { class: way.join() === now ? "on" : null }, h("td", null, this.button(SIDE_NAMES[way[0]], () => this.set({ side: SIDE_NAMES[way[0]], masked: way[1], counted: way[2] }), { class: "plain", "aria-label": `${SIDE_NAMES[way[0]]}, ${way[1] ? "with" : "without"} mask, positions from ${this.from(way)}` })),
          h("td", null, way[1] ? "yes" : "no"), h("td", null, this.from(way)), h("td", { class: "value" }, small(this.worst(way))),
          decoder ? h("td", { class: "token" }, chip({ text: data.texts[this.top(this.at(data.probabilities, way))], kind: "text", part: [0, 1] }, true)) : null)))),
      h("div", { class: "tokens", tabindex: 0, role: "group", "aria-label": "Tokens of the short text" }, h("table", null, h("caption", null, "Token by token: its last vector in the batch and alone"), head(["token", "largest difference", "cosine"]),
        h("tbody", null, ...data.tokens.map((token, i) => h("tr", null, h("td", { class: "token" }, chip(token, true)), h("td", { class: "value" }, small(differences[i])), h("td", { class: "value" }, cosines[i].toFixed(3))))))));
  }
  key(event) {
    const turn = { ArrowLeft: { side: "left" }, ArrowRight: { side: "right" }, ArrowUp: { masked: 1 }, ArrowDown: { masked: 0 } }[event.key];
    if (turn) this.set(turn);
    return Boolean(turn);
  }
  title() { return `A batch filled up on the ${this.state.side}, ${this.state.masked ? "with" : "without"} a mask`; }
}

export default mount(PaddedBatch);
