// How does a number change from step to step? Curves with a cursor that can be taken hold of.

const FEW = 30; // curves of certain points that are drawn before one is chosen

class Chart {
  constructor(figure) {
    const { data } = figure, values = data.curves.flatMap((curve) => curve.values).filter((value) => value !== null);
    Object.assign(this, { figure, data, last: data.steps.length - 1, low: Math.min(...values), high: Math.max(...values) });
    if (!(this.high > this.low)) this.low -= Math.abs(this.low) / 2 || 0.5; // a curve that stays where it is
    this.svg = svg("svg", { class: "chart", role: "img" });
    this.e = h("section", { class: "curves" }, h("h3", null, data.axis), this.svg);
    this.e.hidden = !values.length;
    const seek = (e) => { if (e.buttons) figure.player.go(Math.round(within((e.clientX - this.svg.getBoundingClientRect().left - this.left) / this.across, 0, 1) * this.last)); };
    this.svg.addEventListener("pointerdown", (e) => { this.svg.setPointerCapture(e.pointerId); seek(e); });
    this.svg.addEventListener("pointermove", seek);
  }
  x(step) { return this.left + (this.last ? step / this.last : 0.5) * this.across; }
  y(value) { return this.down - ((value - this.low) / (this.high - this.low)) * (this.down - this.up); }
  // The curves to show: [curve, whether it is meant]; the others stand behind it.
  shown() {
    const { active } = this.figure, general = this.data.curves.filter((curve) => !curve.points.length), own = this.data.curves.filter((curve) => curve.points.length);
    if (active >= 0 && own.length) return [...general.map((curve) => [curve, false]), ...own.filter((curve) => curve.points.includes(active)).map((curve) => [curve, true])];
    return [...(own.length <= FEW ? own : []).map((curve) => [curve, !general.length]), ...general.map((curve) => [curve, true])];
  }
  // A curve of certain points has the colour of the other one, or of all where they are of one group.
  group(curve) {
    const { figure } = this, others = curve.points.filter((i) => i !== figure.active), kinds = new Set(others.map((i) => figure.kind(i)));
    return curve.group ?? (others.length && kinds.size === 1 ? figure.kind(others[0]) : null);
  }
  apart(curve) { return curve.between || new Set(curve.points.map((i) => this.figure.kind(i))).size > 1; }
  // The curves that are meant, by their value at a step: [curve, value], the highest first.
  ranked(step) {
    return this.shown().filter(([, meant]) => meant).map(([curve]) => [curve, curve.values[step]]).filter(([, value]) => value !== null).sort((a, b) => b[1] - a[1]);
  }
  lay(width, em) {
    const high = ticks(this.low, this.high, 4), size = 0.8 * em, right = Math.min(11.5 * em, width * 0.42);
    Object.assign(this, { width, em, left: 3 * em, up: 0.6 * em, down: 11 * em });
    this.across = width - this.left - right;
    const height = this.down + 1.7 * em;
    for (const [name, value] of Object.entries({ width, height, viewBox: `0 0 ${width} ${height}` })) this.svg.setAttribute(name, value);
    const most = Math.max(1, Math.floor(this.across / (2.2 * em))), every = Math.ceil((this.last + 1) / most), parts = [];
    for (const value of high) parts.push(svg("line", { class: "grid", x1: this.left, x2: this.left + this.across, y1: this.y(value), y2: this.y(value) }), svg("text", { x: this.left - 5, y: this.y(value), "dominant-baseline": "central", "text-anchor": "end", "font-size": size }, measure(value)));
    for (let step = 0; step <= this.last; step += every) parts.push(svg("text", { x: this.x(step), y: this.down + 1.2 * em, "text-anchor": "middle", "font-size": size }, String(step)));
    this.back = svg("g", null, parts);
    this.lines = svg("g");
    this.cursor = svg("line", { class: "at", y1: this.up, y2: this.down });
    this.front = svg("g");
    this.svg.replaceChildren(this.back, this.lines, this.cursor, this.front);
    this.seen = null;
  }
  show(step) {
    const { figure, data, em } = this, seen = [figure.active, figure.look.name].join();
    if (seen !== this.seen) {
      this.seen = seen;
      this.lines.replaceChildren(...this.shown().map(([curve, meant]) => {
        let d = "", open = false;
        curve.values.forEach((value, k) => { if (value !== null) d += `${open ? "L" : "M"}${this.x(k).toFixed(1)} ${this.y(value).toFixed(1)}`; open = value !== null; });
        return svg("path", { class: `curve${meant ? "" : " faint"}`, d, stroke: this.stroke(curve), "stroke-dasharray": this.apart(curve) ? "5 3" : null });
      }));
    }
    this.cursor.setAttribute("x1", this.x(step));
    this.cursor.setAttribute("x2", this.x(step));
    const ranked = this.ranked(step), line = 1.15 * em, room = Math.max(2, Math.floor((this.down + 0.6 * em) / line)), parts = [];
    for (const [curve, value] of ranked) parts.push(svg("circle", { class: "dot", cx: this.x(step), cy: this.y(value), r: 3, fill: this.stroke(curve) }));
    // The highest and the lowest where not all have room; each beside the end of its curve, none over another.
    const named = ranked.length <= room ? ranked : [...ranked.slice(0, Math.ceil(room / 2)), ...ranked.slice(ranked.length - Math.floor(room / 2))];
    const ends = named.map(([curve, value]) => ({ curve, value, y: this.y(curve.values.findLast((v) => v !== null)) })).sort((a, b) => a.y - b.y);
    ends.forEach((end, k) => { end.y = Math.max(end.y, k ? ends[k - 1].y + line : this.up); });
    for (let k = ends.length - 1, most = this.down + line / 2; k >= 0; k--, most -= line) { ends[k].y = Math.min(ends[k].y, most); most = ends[k].y; }
    for (const { curve, value, y } of ends) {
      const words = cut(this.title(curve), Math.floor((this.width - this.left - this.across) / (0.44 * em)) - 9);
      parts.push(svg("line", { x1: this.left + this.across + 4, x2: this.left + this.across + 1.1 * em, y1: y, y2: y, class: "curve", stroke: this.stroke(curve), "stroke-dasharray": this.apart(curve) ? "5 3" : null }),
        svg("text", { class: "name", x: this.left + this.across + 1.4 * em, y, "dominant-baseline": "central", "font-size": 0.8 * em }, `${number(value)} ${words}`));
    }
    this.front.replaceChildren(...parts);
    this.svg.setAttribute("aria-label", `${data.axis}, from ${data.steps[0]} to ${data.steps[this.last]}; at ${data.steps[step]}: ${ranked.slice(0, 6).map(([curve, value]) => `${this.title(curve)} ${number(value)}`).join(", ")}`);
  }
  stroke(curve) {
    const group = this.group(curve);
    return group === null ? this.figure.look.paper.ink : this.figure.colour(group);
  }
  // A curve of two points is called by the other one.
  title(curve) {
    const others = curve.points.filter((i) => i !== this.figure.active);
    return this.figure.active >= 0 && others.length === 1 ? this.figure.name(others[0]) : spoken(curve.name);
  }
}
