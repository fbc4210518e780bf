// How has a distribution over tokens changed? The most probable ones before and after, and a line from place to place.

const RAISED = [..."⁰¹²³⁴⁵⁶⁷⁸⁹"], TALL = 2.5; // em, a row
// A number that may be tiny.
function tiny(value, usual) {
  if (value === 0 || value >= 1e-4) return usual(value);
  const [digits, power] = value.toExponential(1).split("e-");
  return `${digits} × 10⁻${[...power].map((digit) => RAISED[digit]).join("")}`;
}
const chance = (p) => tiny(p, (value) => `${(100 * value).toFixed(value >= 0.1 || value === 0 ? 1 : 2)}%`);
const place = (rank) => rank.toLocaleString("en");
const words = ({ text }) => chip({ text, part: [0, 1] }, true);

class TokenShift extends Figure {
  title() { return this.data.title; }
  build() {
    const { data } = this, { lists, names } = data;
    this.bar.hidden = true;
    this.pointed = null;
    this.rows = [];
    const column = (side) => h("section", null, h("h3", null, names[side]), h("ol", null, lists[side].map((token) => this.row(token, side))));
    this.lines = svg("svg", { class: "lines", "aria-hidden": "true" });
    this.both = h("div", { class: "both", role: "group", tabindex: 0, "aria-label": "Most probable tokens before and after; arrow keys go from one to the next",
      onpointerover: (e) => this.point(e.target.closest("li")), onpointerleave: () => this.point(null),
      onclick: (e) => { const row = e.target.closest("li"); if (row) this.set({ shifted: Number(row.dataset.token) }); } },
      column(0), this.lines, column(1));
    this.readout = h("div", { class: "readout" });
    this.body.replaceChildren(h("h2", { class: "leave" }, data.title), this.lead(), this.both, this.readout);
  }
  lead() {
    const { tokens, lists, divergence } = this.data, [before, after] = lists.map((list) => tokens[list[0]]);
    const said = before === after
      ? ["The most probable token is still ", words(before), `, ${chance(before.p[0])} before and ${chance(before.p[1])} after.`]
      : ["The most probable token has changed from ", words(before), " to ", words(after), "."];
    return h("p", { class: "lead" }, ...said, ` Kullback-Leibler divergence: ${tiny(divergence, (value) => String(Number(value.toPrecision(3))))} bits.`);
  }
  row(token, side) {
    const { p, rank, ...rest } = this.data.tokens[token], other = rank[1 - side];
    const moved = other === rank[side] ? "same place" : side ? `was ${place(other)}` : `now ${place(other)}`;
    const row = h("li", { "data-token": token, "data-side": side }, h("span", { class: "rank" }, String(rank[side])), words(rest), h("small", null, moved), h("span", { class: "value" }, chance(p[side])),
      h("span", { class: "track", "aria-hidden": "true" }, h("span", { class: "fill", style: `width:${(100 * p[side]).toFixed(2)}%` })));
    this.rows.push(row);
    return row;
  }
  render() {
    if (this.state.shifted >= this.data.tokens.length) this.state.shifted = 0; // of another prompt
    this.draw_lines();
    this.tell();
  }
  draw_lines() {
    const { lists, tokens } = this.data, { em } = this, wide = this.root.classList.contains("small") ? 1.4 * em : 5 * em, tall = TALL * em, height = tall * lists[0].length;
    for (const [name, value] of Object.entries({ width: wide, height, viewBox: `0 0 ${wide} ${height}` })) this.lines.setAttribute(name, value);
    const y = (row) => (row + 0.5) * tall, out = height - 1;
    this.paths = tokens.map((_, token) => {
      const [from, to] = lists.map((list) => list.indexOf(token)), gone = from < 0 || to < 0;
      const d = from < 0 ? `M${wide} ${y(to)}Q${wide / 2} ${y(to)} ${wide / 2} ${out}` : to < 0 ? `M0 ${y(from)}Q${wide / 2} ${y(from)} ${wide / 2} ${out}` : `M0 ${y(from)}C${wide / 2} ${y(from)} ${wide / 2} ${y(to)} ${wide} ${y(to)}`;
      return svg("path", { class: gone ? "gone" : "stays", d });
    });
    this.lines.replaceChildren(...this.paths);
  }
  tell() {
    const { tokens, names } = this.data, chosen = this.pointed ?? this.state.shifted, { p, rank, id, logit, ...rest } = tokens[chosen];
    for (const row of this.rows) {
      const on = Number(row.dataset.token) === chosen;
      row.classList.toggle("on", on);
      row.setAttribute("aria-current", String(Number(row.dataset.token) === this.state.shifted));
    }
    this.paths.forEach((path, token) => path.classList.toggle("on", token === chosen));
    const side = (i) => h("p", null, h("span", { class: "quiet" }, `${names[i]}: `), h("b", null, chance(p[i])), h("span", { class: "quiet" }, ` · place ${place(rank[i])} · logit ${logit[i].toFixed(2).replace("-", "−")}`));
    this.readout.replaceChildren(h("p", null, words(rest), h("span", { class: "quiet" }, ` id ${id}`)), side(0), side(1));
    const said = `${plain({ text: rest.text, part: [0, 1] })}: ${chance(p[0])}, place ${place(rank[0])}, before; ${chance(p[1])}, place ${place(rank[1])}, after`;
    if (this.pointed === null && this.said && said !== this.said) this.say(said);
    this.said = said;
  }
  point(row) {
    const pointed = row ? Number(row.dataset.token) : null;
    if (pointed === this.pointed) return;
    this.pointed = pointed;
    this.tell();
  }
  key({ key }) {
    const { lists, tokens } = this.data, { shifted } = this.state;
    if (key === "ArrowLeft" || key === "ArrowRight") { // the token that stands beside it in the other list
      const to = key === "ArrowRight" ? 1 : 0, row = lists[1 - to].indexOf(shifted);
      this.pointed = null;
      if (row >= 0) this.set({ shifted: lists[to][row] });
      return true;
    }
    const step = { ArrowUp: -1, ArrowDown: 1 }[key];
    if (!step) return false;
    this.pointed = null;
    this.set({ shifted: Math.max(0, Math.min(tokens.length - 1, shifted + step)) });
    return true;
  }
}

export default mount(TokenShift);
