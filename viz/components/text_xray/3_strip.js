// The course of the text: a bar for each token's surprisal, a line for the entropy, a broken one for the mean so far.

class Course {
  constructor(figure, tokens) {
    this.figure = figure;
    this.tokens = tokens;
    const pointed = (e) => this.tokenAt(e);
    this.drawing = svg("svg", { role: "img", onpointermove: (e) => figure.point(pointed(e)), onpointerleave: () => figure.point(null), onclick: (e) => { const i = pointed(e); if (i != null) figure.choose(i); } });
    const known = tokens.filter((x) => x.predicted), worst = known.reduce((a, b) => (b.surprisal > a.surprisal ? b : a));
    this.drawing.setAttribute("aria-label", `Surprisal of ${several(known.length, "token")}, in bits: ${known.at(-1).mean.toFixed(2)} on average, the most ${bits(worst.surprisal, 1)} at ${plain(worst.token)}.`);
    const line = (dash) => svg("svg", { width: "2em", height: ".8em", viewBox: "0 0 20 8", "aria-hidden": "true" }, svg("line", { x1: 0, x2: 20, y1: 4, y2: 4, class: dash ? "mean" : "entropy" }));
    this.parts = [h("p", { class: "key" }, h("span", null, h("i", { class: "bar-sample" }), "surprisal, in bits"), h("span", null, line(false), "entropy: what the model expected it to be"), h("span", null, line(true), "mean surprisal so far")), this.drawing];
  }
  tokenAt(event) {
    const box = this.drawing.getBoundingClientRect(), at = (event.clientX - box.left - this.left) / this.step;
    return at >= 0 && at < this.tokens.length ? Math.floor(at) : null;
  }
  draw() {
    const { figure, tokens } = this, { em } = figure, width = figure.width, height = 9 * em, left = (this.left = 2.6 * em), low = height - 0.6 * em, top = 0.8 * em;
    const step = (this.step = (width - left - 2) / tokens.length), known = tokens.map((x, i) => [x, i]).filter(([x]) => x.predicted);
    const most = Math.max(4, ...known.flatMap(([x]) => [x.surprisal, x.entropy, x.mean]).filter(Number.isFinite)), tick = most > 20 ? 10 : most > 8 ? 4 : 2;
    const y = (value) => low - ((low - top) * Math.min(value, most)) / most, x = (i) => left + step * (i + 0.5), f = (v) => v.toFixed(1);
    const bars = known.map(([t, i]) => `M${f(left + step * (i + 0.1))} ${f(low)}V${f(y(t.surprisal))}h${Math.max(0.6, step * 0.8).toFixed(2)}V${f(low)}z`).join("");
    const line = (name, value) => svg("path", { class: name, d: known.map(([t, i], n) => `${n ? "L" : "M"}${f(x(i))} ${f(y(value(t)))}`).join("") });
    const ticks = Array.from({ length: Math.floor(most / tick) + 1 }, (_, k) => k * tick);
    this.chosen = svg("rect", { class: "chosen", y: 0, height: low, width: Math.max(2, step) });
    for (const [name, value] of Object.entries({ width, height, viewBox: `0 0 ${width} ${height}` })) this.drawing.setAttribute(name, value);
    this.drawing.replaceChildren(this.chosen,
      ...ticks.flatMap((t) => [svg("line", { class: "grid", x1: left, x2: width, y1: y(t), y2: y(t) }), svg("text", { x: left - 0.5 * em, y: y(t), "text-anchor": "end", "dominant-baseline": "central", "font-size": em * 0.8 }, String(t))]),
      svg("path", { class: "bars", d: bars }), line("entropy", (t) => t.entropy), line("mean", (t) => t.mean));
  }
  mark(chosen) { this.chosen.setAttribute("x", this.left + this.step * (chosen + 0.5) - Math.max(2, this.step) / 2); }
}
