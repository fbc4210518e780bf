// How does a stage change the whole vocabulary? Probability against rank, both on scales of tenfolds: before it grey, after
// it in the colour of probabilities, the line of the cut between what it kept and what it cut.

const DECADES = 10; // of probability, from 1 down
const TALL = 96, LEFT = 26, BELOW = 15;

class Curve {
  constructor() {
    this.axes = svg("g", { class: "axes" });
    this.before = svg("path", { class: "before", fill: "none" });
    this.cuts = svg("path", { class: "line", fill: "none" });
    this.after = svg("path", { class: "after", fill: "none" });
    this.dot = svg("circle", { class: "dot", r: 3.5 });
    this.part = svg("svg", { class: "curve", height: TALL + BELOW, role: "img" }, this.axes, this.before, this.cuts, this.after, this.dot);
  }
  // For so many tokens, in so many pixels.
  size(width, vocabulary) {
    if (width === this.width && vocabulary === this.vocabulary) return;
    Object.assign(this, { width, vocabulary });
    this.part.setAttribute("width", width);
    this.part.setAttribute("viewBox", `0 0 ${width} ${TALL + BELOW}`);
    this.long = Math.log10(Math.max(10, vocabulary));
    this.ranks = [];
    for (let i = 0, last = 0; i <= 90; i++) { const rank = Math.round(10 ** ((this.long * i) / 90)); if (rank > last && rank <= vocabulary) this.ranks.push((last = rank)); }
    const marks = [];
    for (let power = 0; power <= DECADES; power += 2) {
      const y = this.y(10 ** -power);
      marks.push(svg("line", { x1: LEFT, x2: width, y1: y, y2: y }));
      if (power % 4 === 0) marks.push(svg("text", { x: LEFT - 4, y: y + (power ? 3 : 7), "text-anchor": "end" }, power ? `10${raised(-power)}` : "1"));
    }
    for (let power = 0; power < this.long; power++) {
      const x = this.x(10 ** power);
      marks.push(svg("line", { x1: x, x2: x, y1: 0, y2: TALL }));
      if (x < width - 18) marks.push(svg("text", { x, y: TALL + 11, "text-anchor": power ? "middle" : "start" }, power < 3 ? String(10 ** power) : `${10 ** (power - 3)}k`));
    }
    this.axes.replaceChildren(...marks);
  }
  x(rank) { return LEFT + ((this.width - LEFT - 2) * Math.log10(rank)) / this.long; }
  y(p) { return p > 0 ? Math.min(TALL, 1 + ((TALL - 2) * -Math.log10(p)) / DECADES) : TALL; }
  // A line through probabilities by ascending logit, the largest of which has the rank `first`.
  line(p, first = 1) {
    const last = p.length, points = [];
    let under = false;
    const put = (rank) => {
      if (under) return;
      const y = this.y(p[last - rank]);
      under = y >= TALL;
      points.push(`${this.x(rank + first - 1).toFixed(1)} ${y.toFixed(1)}`);
    };
    put(1);
    for (const rank of this.ranks) if (rank - first + 1 > 1 && rank - first + 1 < last) put(rank - first + 1);
    if (last > 1) put(last);
    return `M${points.join("L")}${points.length === 1 ? "h.1" : ""}`;
  }
  // A stage, the one before it (none: the logits as they came), and the chosen token's rank and probability.
  show(stage, before, chosen) {
    const first = before && stage.cut ? before.order.length - before.order.lastIndexOf(stage.order.at(-1)) : 1, last = first + stage.kept - 1;
    this.before.setAttribute("d", before ? this.line(before.p) : "");
    this.after.setAttribute("d", this.line(stage.p, first));
    const at = [...(first > 1 ? [first - 0.5] : []), ...(stage.cut && last < before.kept ? [last + 0.5] : [])].map((rank) => this.x(rank).toFixed(1));
    this.cuts.setAttribute("d", at.map((x) => `M${x} 0V${TALL}`).join(""));
    this.dot.setAttribute("cx", chosen ? this.x(chosen.rank + first - 1) : -9);
    this.dot.setAttribute("cy", chosen ? this.y(chosen.p) : -9);
    this.part.setAttribute("aria-label", `Probability against rank${before ? ", before and after" : ""}: ${many(stage.kept)} tokens, from ${percent(stage.p.at(-1))} down to ${percent(stage.p[0])}`
      + (stage.cut ? `; ${many(stage.cut)} are cut` : ""));
  }
}
