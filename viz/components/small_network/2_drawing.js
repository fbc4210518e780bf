// Where does everything stand? Units in columns, every weight a line, every bias a square at its unit. Lines of one
// colour and width are one path, so that twenty thousand of them are drawn as fast as eighty.

const STEPS = 5; // widths and shades on each side of 0
const NEGATIVE = "5 3"; // dashes
const MANY = 1500; // lines: from here on they are drawn as pixels, which can step back without being drawn anew
const BACK = 0.16; // how strong lines are that step back

class NetworkDrawing {
  // over(place | null) follows the pointer; chosen(place) is a click
  constructor({ over, chosen }) {
    this.root = svg("svg", { role: "img", class: "network" });
    this.pixels = h("canvas", { "aria-hidden": "true" });
    this.lines = svg("g");
    this.lit = svg("g");
    this.units = svg("g");
    this.root.append(this.lines, this.lit, this.units);
    this.root.addEventListener("pointermove", (e) => over(this.at(e)));
    this.root.addEventListener("pointerleave", () => over(null));
    this.root.addEventListener("click", (e) => chosen(this.at(e)));
  }
  // sizes; value(layer, from, to) in -1 to 1, or undefined where lines have none; bias(layer, to) likewise;
  // heads [column], left [input] and above(column, unit): words
  show({ sizes, look, diverging, width, em, small, value, bias, heads, left, right, above, says }) {
    Object.assign(this, { sizes, look, em, value });
    const most = Math.max(...sizes), edge = left.some(Boolean) ? (small ? 5.6 : 9.5) : 2.5, end = right ? (small ? 5 : 8) : 2.5;
    const wide = Math.min(width, (edge + end + (sizes.length - 1) * 24) * em);
    this.top = 2.4 * em;
    const tall = most * Math.max(0.62 * em, Math.min(2.5 * em, (32 * em) / most)), step = (wide - (edge + end) * em) / (sizes.length - 1);
    this.columns = sizes.map((_, i) => edge * em + i * step);
    this.gaps = sizes.map((size) => Math.min(2.5 * em, tall / size));
    this.radii = this.gaps.map((gap) => Math.min(0.62 * em, 0.38 * gap));
    this.rows = sizes.map((size, i) => Array.from({ length: size }, (_, unit) => this.top + tall / 2 + (unit - (size - 1) / 2) * this.gaps[i]));
    const ends = [diverging[0], diverging.at(-1)].map(rgb), faint = mix(rgb(look.paper.paper), rgb(look.paper.quiet), 0.45);
    this.shades = ends.map((far) => Array.from({ length: STEPS + 1 }, (_, k) => css(mix(faint, far, Math.min(1, (k / STEPS) * 1.15)))));
    for (const [name, n] of [["width", wide], ["height", this.top + tall + 0.6 * em]]) this.root.setAttribute(name, n);
    this.root.setAttribute("aria-label", says);
    const all = sizes.slice(1).flatMap((_, layer) => linesOf({ layer }, sizes));
    this.many = all.length > MANY;
    this.pixels.hidden = !this.many;
    this.lines.replaceChildren(...(this.many ? [] : this.paths(all)));
    if (this.many) this.paint();
    const words = (x, y, anchor, text, kind = "tick") => svg("text", { class: kind, x, y, "text-anchor": anchor, "dominant-baseline": "central" }, text);
    this.units.replaceChildren(
      ...heads.map((head, i) => words(this.columns[i], 0.9 * em, "middle", head, "head")),
      ...sizes.flatMap((size, column) => this.rows[column].flatMap((y, unit) => {
        const x = this.columns[column], r = this.radii[column], said = above(column, unit);
        return [
          svg("circle", { class: `unit${said?.active ? " active" : ""}`, cx: x, cy: y, r }),
          column ? svg("rect", { class: "bias", x: x + 0.5 * r, y: y + 0.35 * r, width: 0.85 * r, height: 0.85 * r, fill: bias ? this.shade(bias(column - 1, unit)) : look.paper.quiet }) : null,
          said?.text && this.gaps[column] > 1.9 * em ? words(x, y - r - 0.62 * em, "middle", said.text, "value") : null,
        ].filter(Boolean);
      })),
      ...left.map((text, unit) => (text && this.gaps[0] > 1.05 * em ? words(this.columns[0] - this.radii[0] - 0.5 * em, this.rows[0][unit], "end", text) : null)).filter(Boolean),
      ...(right ?? []).map((text, i) => words(this.columns.at(-1) + this.radii.at(-1) + 0.5 * em, this.rows.at(-1)[0] + (i - (right.length - 1) / 2) * 1.2 * em, "start", text)));
    this.light(this.place);
  }
  // Many lines without values.
  paint(strength = 1) {
    const { rows } = this, pen = sized(this.pixels, Number(this.root.getAttribute("width")), Number(this.root.getAttribute("height")));
    pen.strokeStyle = this.look.paper.quiet;
    pen.globalAlpha = 0.25 * strength;
    rows.slice(1).forEach((after, layer) => rows[layer].forEach((y0) => {
      pen.beginPath();
      for (const y1 of after) { pen.moveTo(this.from(layer), y0); pen.lineTo(this.to(layer), y1); }
      pen.stroke();
    }));
  }
  shade(v) { return this.shades[v < 0 ? 0 : 1][this.step(v)]; }
  step(v) { return Math.min(STEPS, Math.ceil(Math.abs(v) * STEPS - 1e-9)); }
  // The lines of a layer begin and end at the edges of its units.
  from(layer) { return this.columns[layer] + this.radii[layer]; }
  to(layer) { return this.columns[layer + 1] - this.radii[layer + 1]; }
  line(layer, from, to) { return `M${this.from(layer).toFixed(1)} ${this.rows[layer][from].toFixed(1)}L${this.to(layer).toFixed(1)} ${this.rows[layer + 1][to].toFixed(1)}`; }
  // One path for each shade, the faint ones below.
  paths(lines, lit) {
    if (!this.value) {
      const opacity = lit ? 1 : Math.max(0.25, Math.min(0.8, 20 / Math.sqrt(lines.length)));
      return [svg("path", { class: lit ? "plain lit" : "plain", "stroke-opacity": opacity, d: lines.map((line) => this.line(...line)).join("") })];
    }
    const groups = Array.from({ length: 2 * (STEPS + 1) }, () => []);
    for (const line of lines) {
      const v = this.value(...line);
      groups[2 * this.step(v) + (v < 0 ? 0 : 1)].push(this.line(...line));
    }
    return groups.map((group, i) => group.length ? this.sample(i % 2, Math.floor(i / 2), group.join("")) : null).filter(Boolean);
  }
  sample(side, k, d) { return svg("path", { class: "weight", stroke: this.shades[side][k], "stroke-width": (0.7 + 0.55 * k).toFixed(2), "stroke-dasharray": side ? null : NEGATIVE, d }); }
  // The lines of one place stand out; all others step back.
  light(place) {
    this.place = place;
    this.lines.setAttribute("opacity", place ? BACK : 1);
    this.pixels.style.opacity = place ? BACK : 1;
    const units = place && "column" in place ? [[place.column, place.unit]] : place && "from" in place ? [[place.layer, place.from], [place.layer + 1, place.to]] : [];
    this.lit.replaceChildren(...(place ? this.paths(linesOf(place, this.sizes), true) : []),
      ...units.map(([column, unit]) => svg("circle", { class: "ring", cx: this.columns[column], cy: this.rows[column][unit], r: this.radii[column] + 0.22 * this.em })));
  }
  // What is under the pointer: a unit, the nearest line, or, above them, a layer of numbers.
  at(event) {
    const box = this.root.getBoundingClientRect(), x = event.clientX - box.left, y = event.clientY - box.top;
    for (const [column, cx] of this.columns.entries()) {
      const r = this.radii[column], reach = Math.max(r + 3, 0.48 * this.gaps[column]);
      if (Math.abs(x - cx) > Math.min(reach, r + 6)) continue;
      const unit = this.rows[column].findIndex((cy) => Math.abs(y - cy) <= reach);
      if (unit >= 0) return { column, unit };
    }
    const layer = this.columns.findLastIndex((cx) => cx < x);
    if (layer < 0 || layer === this.columns.length - 1) return null;
    if (y < this.top - 0.4 * this.em) return { layer };
    const t = Math.max(0, Math.min(1, (x - this.from(layer)) / (this.to(layer) - this.from(layer))));
    let best = [0.7 * this.em, null];
    this.rows[layer].forEach((y0, from) => this.rows[layer + 1].forEach((y1, to) => {
      const away = Math.abs(y0 + t * (y1 - y0) - y);
      if (away < best[0]) best = [away, { layer, from, to }];
    }));
    return best[1];
  }
  // The shades, from the most negative to the most positive, and what the ends stand for.
  legend(low, high, words) {
    const { em } = this, wide = 1.9 * em, steps = [...Array.from({ length: STEPS }, (_, i) => [0, STEPS - i]), ...Array.from({ length: STEPS }, (_, i) => [1, i + 1])];
    return [h("span", null, `${words}: ${low}`), svg("svg", { width: wide * steps.length, height: em, "aria-hidden": "true" },
      steps.map(([side, k], i) => this.sample(side, k, `M${i * wide + 2} ${em / 2}H${(i + 1) * wide - 2}`))), h("span", null, high)];
  }
}
