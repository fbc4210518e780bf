// By how much do the logits differ at each step, and by how much might they? A line for each way, on a log scale, over
// half the margin between the two best tokens: only where a line rises above it can another token be the best.

const DASHES = [null, "6 3", "2 3", "8 3 2 3", "3 2"];
const PARTS = ["query", "value", "mlp", "logits", "residual"];

class Differences {
  constructor(figure) {
    const { data } = figure, values = data.ways.slice(1).flatMap((way) => way.steps.map((step) => step[3])), halves = data.margins.map((m) => m / 2);
    const all = [...values, ...halves].filter((value) => value > 0);
    this.low = Math.floor(Math.log10(Math.min(...all, 1e-4)));
    this.high = Math.max(Math.ceil(Math.log10(Math.max(...all, 1e-3))), this.low + 2);
    Object.assign(this, { figure, data, halves, last: data.margins.length - 1, zero: values.includes(0) || halves.includes(0) });
    this.svg = svg("svg", { class: "chart", role: "img" });
    this.e = h("section", null, h("h3", null, "Largest difference of any logit from the first way’s, at each token"), this.svg);
    const seek = (e) => { if (e.buttons) figure.set({ step: Math.max(0, Math.min(this.last, Math.round(((e.clientX - this.svg.getBoundingClientRect().left - this.left) / this.across) * this.last))) }); };
    this.svg.addEventListener("pointerdown", (e) => { this.svg.setPointerCapture(e.pointerId); seek(e); });
    this.svg.addEventListener("pointermove", seek);
  }
  x(step) { return this.left + (this.last ? step / this.last : 0.5) * this.across; }
  // 0 has no place on a logarithmic scale: it stands on a line of its own below.
  y(value) { return value > 0 ? this.floor - ((Math.log10(value) - this.low) / (this.high - this.low)) * (this.floor - this.up) : this.down; }
  line(values) {
    let d = "", open = false;
    values.forEach((value, k) => { const there = value !== null && value !== undefined; if (there) d += `${open ? "L" : "M"}${this.x(k).toFixed(1)} ${this.y(value).toFixed(1)}`; open = there; });
    return d;
  }
  colour(i) { return this.figure.look.words(this.figure.look.parts[PARTS[(i - 1) % PARTS.length]]); }
  lay(width, em) {
    const { data, halves } = this, size = 0.8 * em, right = Math.min(13 * em, width * 0.42);
    Object.assign(this, { left: 3.4 * em, up: 0.8 * em, floor: 13 * em });
    this.down = this.floor + (this.zero ? 1.3 * em : 0);
    this.across = width - this.left - right;
    const height = this.down + 2.6 * em, parts = [], end = this.left + this.across;
    for (const [name, value] of Object.entries({ width, height, viewBox: `0 0 ${width} ${height}` })) this.svg.setAttribute(name, value);
    const tick = (y, words) => parts.push(svg("line", { class: "grid", x1: this.left, x2: end, y1: y, y2: y }), svg("text", { x: this.left - 5, y, "dominant-baseline": "central", "text-anchor": "end", "font-size": size }, words));
    const known = halves.map((half, k) => [half, k]).filter(([, k]) => data.margins[k] !== null);
    parts.push(svg("path", { class: "margin", d: `M${this.x(known[0][1])} ${this.down}${known.map(([half, k]) => `L${this.x(k).toFixed(1)} ${this.y(half).toFixed(1)}`).join("")}L${this.x(known.at(-1)[1])} ${this.down}Z` }));
    for (let power = this.low; power <= this.high; power++) tick(this.y(10 ** power), power === 0 ? "1" : `10${raised(power)}`);
    if (this.zero) tick(this.down, "0");
    const every = Math.ceil((this.last + 1) / Math.max(2, Math.floor(this.across / (2.2 * em))));
    for (let k = 0; k <= this.last; k += every) parts.push(svg("text", { x: this.x(k), y: this.down + 1.1 * em, "text-anchor": "middle", "font-size": size }, String(k + 1)));
    parts.push(svg("text", { x: this.left + this.across / 2, y: this.down + 2.3 * em, "text-anchor": "middle", "font-size": size }, "token"),
      svg("path", { class: "edge", d: this.line(halves.map((half, k) => (data.margins[k] === null ? null : half))) }));
    parts.push(svg("circle", { class: "tip", cx: this.x(known.at(-1)[1]), cy: this.y(known.at(-1)[0]), r: 3.5 }));
    const ends = [{ words: "half the margin", y: this.y(known.at(-1)[0]), stroke: this.figure.look.paper.ink, wide: 3 }];
    data.ways.forEach((way, i) => {
      const values = way.steps.map((step) => step[3]), there = values.findLastIndex((value) => value !== null);
      if (!i || there < 0) return;
      const stroke = this.colour(i), dash = DASHES[(i - 1) % DASHES.length];
      parts.push(svg("path", { class: "curve", d: this.line(values), stroke, "stroke-dasharray": dash }), svg("circle", { cx: this.x(there), cy: this.y(values[there]), r: 3, fill: stroke }));
      if (way.parted !== null) parts.push(svg("text", { class: "cross", x: this.x(there), y: this.y(values[there]) - 0.9 * em, "text-anchor": "middle", "dominant-baseline": "central", "font-size": 1.1 * em, "font-weight": 700 }, "✕"));
      ends.push({ words: way.name, y: this.y(values[there]), stroke, dash });
    });
    // The names at the right, none over another.
    const gap = 1.15 * em;
    ends.sort((a, b) => a.y - b.y).forEach((one, k) => { one.y = Math.max(one.y, k ? ends[k - 1].y + gap : this.up); });
    for (let k = ends.length - 1, most = this.down + gap / 2; k >= 0; k--, most -= gap) { ends[k].y = Math.min(ends[k].y, most); most = ends[k].y; }
    for (const { words, y, stroke, dash, wide } of ends) parts.push(svg("line", { x1: end + 6, x2: end + 2.4 * em, y1: y, y2: y, stroke, "stroke-width": wide ?? 2, "stroke-dasharray": dash }),
      svg("text", { class: "name", x: end + 2.8 * em, y, "dominant-baseline": "central", "font-size": size }, cut(words, Math.floor((right - 2.8 * em) / (0.42 * em)))));
    this.cursor = svg("line", { class: "at", y1: this.up, y2: this.down });
    this.svg.replaceChildren(...parts, this.cursor);
  }
  show(step) {
    const { data } = this;
    for (const name of ["x1", "x2"]) this.cursor.setAttribute(name, this.x(step));
    const here = data.ways.slice(1).filter((way) => (way.steps[step]?.[3] ?? null) !== null).map((way) => `${way.name} ${small(way.steps[step][3])}`);
    const half = data.margins[step] === null ? "" : `half the margin ${small(this.halves[step])}; `;
    this.svg.setAttribute("aria-label", `Largest difference of any logit, at token ${step + 1}: ${half}${here.join(", ") || "nothing to compare"}`);
  }
}
