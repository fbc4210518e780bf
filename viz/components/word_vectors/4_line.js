// Where do words lie between two poles? On one line, each at its own place; labels above it in as many rows as they
// need, those of the poles below.

const ROWS = 14;

class Line {
  constructor(figure) {
    const { data } = figure;
    // From the low pole to the high one, so that the arrow keys go along the line.
    const order = data.words.map((_, i) => i).sort((i, k) => data.words[i][1] - data.words[k][1]);
    Object.assign(this, { figure, data, order, count: data.words.length, usual: -1 });
    this.drawing = svg("svg", { class: "line", role: "presentation" });
    this.box = h("div", { class: "list line-list", role: "listbox", tabindex: 0, "aria-label": "Words along the line; the arrow keys choose one" }, this.drawing);
    this.readout = h("p", { class: "readout" });
    this.parts = [h("h2", { class: "leave" }, "From ", h("bdi", null, this.pole(data.low)), " to ", h("bdi", null, this.pole(data.high))), this.readout, this.box, h("p", { class: "note" }, data.note)];
  }
  pole(words) { return cut(words.map(([word]) => spell(word)).join(", "), 60); }
  // Rows of labels: each goes to the first row where it has room. [[x, row]], row -1: none has.
  rows(items, width, em) {
    const ends = [];
    return items.map(({ x, width: w }) => {
      const left = Math.max(0, Math.min(width - w, x - w / 2));
      let row = ends.findIndex((end) => left >= end);
      if (row < 0 && ends.length < ROWS) row = ends.length;
      if (row >= 0) ends[row] = left + w + 0.7 * em;
      return [left, row];
    });
  }
  draw() {
    const { figure, data } = this, { em, width } = figure, ruler = new Ruler(figure.root), size = 0.875 * em, step = 1.5 * em, edge = Math.min(3 * em, 0.08 * width);
    const all = [...data.words, ...data.low, ...data.high].map(([, position]) => position).concat(data.usual.quantiles, 0), least = Math.min(...all), most = Math.max(...all);
    const x = (position) => edge + ((position - least) / (most - least || 1)) * (width - 2 * edge);
    const said = ([word, position]) => [spell(word), signed(position)], wide = (one, weight) => { const [word, number] = said(one); return ruler.width(word, size, weight) + ruler.width(` ${number}`, 0.8 * size); };
    const above = this.order.map((i) => ({ i, one: data.words[i], x: x(data.words[i][1]), width: wide(data.words[i], 500) }));
    const below = [...data.low.map((one) => ({ one, kind: "low" })), ...data.high.map((one) => ({ one, kind: "high" }))].sort((p, q) => p.one[1] - q.one[1])
      .map((item) => ({ ...item, x: x(item.one[1]), width: wide(item.one, 400) + 1.1 * em }));
    const [up, down] = [above, below].map((items) => this.rows(items, width, em)), deep = (rows) => 1 + Math.max(0, ...rows.map(([, row]) => row));
    const y = (deep(up) + 0.9) * step, height = y + (deep(down) + 2.6) * step;
    // The lines to the labels first, so that none runs over another word.
    const stem = (item, [, row], base, sign) => svg("line", { class: "stem", "data-i": item.i, x1: item.x, y1: y + sign * 0.5 * em, x2: item.x, y2: row < 0 ? y : base + sign * (row * step - 0.6 * em) });
    const stems = [...above.map((item, k) => stem(item, up[k], y - 1.5 * em, -1)), ...below.map((item, k) => stem(item, down[k], y + 2.6 * em, 1))];
    const label = (item, [left, row], base, sign) => {
      if (row < 0) return [];
      const at = base + sign * row * step, [word, number] = said(item.one), mark = item.kind === "low" ? "← " : item.kind === "high" ? "→ " : "";
      return [svg("rect", { class: "back", x: left - 2, y: at - 0.6 * em, width: item.width + 4, height: 1.2 * em }),
        svg("text", { x: left, y: at, "dominant-baseline": "central" }, `${mark}${word}`, svg("tspan", { class: "at", dx: 0.25 * em }, number))];
    };
    const marks = this.ticks(least, most).map((value) => svg("g", { class: "tick" }, svg("line", { x1: x(value), x2: x(value), y1: y, y2: y + 0.7 * em }),
      svg("text", { x: x(value), y: y + 1.35 * em, "text-anchor": "middle", "dominant-baseline": "central" }, value ? signed(value, 1) : "0")));
    const [q1, q2, q3] = data.usual.quantiles;
    const words = above.map((item, k) => svg("g", { class: "one", "data-i": item.i, role: "option", id: `row${item.i}`, "aria-label": `${item.one[0]} ${signed(item.one[1], 3)}` },
      ...label(item, up[k], y - 1.5 * em, -1), svg("circle", { cx: item.x, cy: y, r: 0.36 * em })));
    const poles = below.map((item, k) => svg("g", { class: `pole ${item.kind}`, role: "presentation" }, ...label(item, down[k], y + 2.6 * em, 1),
      svg("path", { d: `M${item.x} ${y - 0.42 * em}L${item.x + 0.42 * em} ${y}L${item.x} ${y + 0.42 * em}L${item.x - 0.42 * em} ${y}Z` })));
    this.options = words;
    this.nameless = up.filter(([, row]) => row < 0).length;
    this.drawing.replaceChildren(svg("rect", { class: "usual", x: x(q1), y: y - 0.5 * em, width: Math.max(1, x(q3) - x(q1)), height: 1 * em }), svg("line", { class: "middle", x1: x(q2), x2: x(q2), y1: y - 0.7 * em, y2: y + 0.7 * em }),
      svg("line", { class: "axis", x1: edge / 2, x2: width - edge / 2, y1: y, y2: y }), ...marks, ...stems, ...poles, ...words);
    for (const [name, value] of [["width", width], ["height", height], ["viewBox", `0 0 ${width} ${height}`]]) this.drawing.setAttribute(name, value);
  }
  ticks(least, most) {
    const step = most - least > 0.9 ? 0.2 : 0.1, from = Math.ceil(least / step), count = Math.floor(most / step) - from + 1;
    return Array.from({ length: Math.max(0, count) }, (_, k) => (from + k) * step).map((value) => Math.round(value * 10) / 10);
  }
  point(i) {
    const { data } = this;
    for (const one of this.drawing.querySelectorAll("[data-i]")) one.classList.toggle("on", Number(one.dataset.i) === i && i >= 0);
    if (i < 0) {
      const [q1, q2, q3] = data.usual.quantiles;
      this.readout.replaceChildren(`Grey: where 90% of the ${whole(data.usual.words)} most frequent words lie, ${signed(q1)} to ${signed(q3)}; half of them lie below ${signed(q2)}.`,
        h("span", { class: "quiet leave" }, this.nameless ? ` There is no room for ${whole(this.nameless)} of the names: point at a dot, or use the arrow keys.` : " Point at a word, or use the arrow keys."));
      return;
    }
    const [word, position, below] = data.words[i], high = below >= 0.5, share = (high ? below : 1 - below) * 100;
    this.readout.replaceChildren(h("b", null, h("bdi", null, spell(word))), ` lies at ${signed(position, 3)}: nearer to `, h("bdi", null, this.pole(high ? data.high : data.low)), ` than ${share >= 99.95 && share < 100 ? "over 99.9" : share.toFixed(1)}% of the ${whole(data.usual.words)} most frequent words.`);
  }
}
