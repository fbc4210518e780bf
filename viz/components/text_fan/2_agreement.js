// How long do two texts go the same way? The share of pairs that agree so far, counted, and by the chances.

class Agreement {
  constructor(figure) {
    const { data } = figure;
    this.data = data;
    this.svg = svg("svg", { class: "chart", role: "img", "aria-label": `Share of pairs that agree: ${data.counted.map((value, k) => [k, value]).filter(([k, value]) => k && (value > 0 || k < 4)).slice(0, 8).map(([k, value]) => `after ${k} tokens ${percent(value)}, expected ${percent(data.expected[k])}`).join("; ")}` });
    this.e = h("section", { class: "agreement" }, h("h3", null, "How many pairs of texts still agree"), this.svg,
      h("p", { class: "quiet" }, "Dots: counted, of all pairs. Line: what the chances make one expect, estimated from these texts."));
  }
  lay(width, em) {
    const { counted, expected } = this.data, last = counted.length - 1, left = 3 * em, up = 0.6 * em, down = 8 * em, across = Math.min(width, 40 * em) - left - em, height = down + 2.6 * em, size = 0.8 * em;
    const x = (k) => left + (k / last) * across, y = (value) => down - value * (down - up), every = Math.ceil((last + 1) / Math.max(2, Math.floor(across / (2.2 * em)))), parts = [];
    for (const [name, value] of Object.entries({ width: left + across + em, height, viewBox: `0 0 ${left + across + em} ${height}` })) this.svg.setAttribute(name, value);
    for (const value of [0, 0.5, 1]) parts.push(svg("line", { class: "grid", x1: left, x2: left + across, y1: y(value), y2: y(value) }), svg("text", { x: left - 5, y: y(value), "dominant-baseline": "central", "text-anchor": "end", "font-size": size }, percent(value)));
    for (let k = 0; k <= last; k += every) parts.push(svg("text", { x: x(k), y: down + 1.1 * em, "text-anchor": "middle", "font-size": size }, String(k)));
    parts.push(svg("text", { x: left + across / 2, y: down + 2.3 * em, "text-anchor": "middle", "font-size": size }, "tokens"),
      svg("path", { class: "expected", d: expected.map((value, k) => `${k ? "L" : "M"}${x(k).toFixed(1)} ${y(value).toFixed(1)}`).join("") }),
      ...counted.map((value, k) => svg("circle", { class: "dot", cx: x(k), cy: y(value), r: 3.5 })));
    this.svg.replaceChildren(...parts);
  }
}
