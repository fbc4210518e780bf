// How is one token's stream drawn? Bars of what attention and MLP write, lines of what has come together.

// Bars at each layer, side by side; `line` [slot] is drawn over them. `bars`: [{colour class, at(layer), layers}].
function bars(stage, { bars: series, line = null, low, high, height, write }) {
  const { plan, em } = stage.figure, top = em * 0.6, bottom = height - em * 1.5, y = (value) => bottom - ((value - low) / (high - low || 1)) * (bottom - top), parts = [], f = (v) => v.toFixed(1);
  for (const tick of ticks(low, high)) {
    parts.push(svg("line", { class: tick === 0 ? "zero" : "grid", x1: plan.edge, x2: plan.right, y1: f(y(tick)), y2: f(y(tick)) }),
      svg("text", { class: "note", x: plan.edge - em * 0.5, y: f(y(tick)), "text-anchor": "end", "dominant-baseline": "central", "font-size": em * 0.8 }, write(tick)));
  }
  const each = plan.wide * 0.8;
  for (const { name, from, to, at, place, of } of series) {
    const wide = each / of, d = [];
    for (let layer = from; layer < to; layer++) {
      const value = at(layer), left = plan.x(layer) + plan.wide * 0.1 + place * wide;
      if (value) d.push(`M${f(left)} ${f(y(0))}V${f(y(value))}h${Math.max(0.5, wide * 0.94).toFixed(2)}V${f(y(0))}z`);
    }
    parts.push(svg("path", { class: `bars ${name}`, d: d.join("") }));
  }
  if (line) {
    const points = line.map((value, i) => [plan.x(i - 1) + plan.wide / 2, y(value)]);
    parts.push(svg("path", { class: "course", d: points.map(([x, top], i) => `${i ? "L" : "M"}${f(x)} ${f(top)}`).join("") }), ...points.map(([x, top]) => svg("circle", { class: "knot", cx: f(x), cy: f(top), r: Math.min(3, plan.wide * 0.22) })));
  }
  stage.below = bottom + em * 0.3;
  stage.place(height, [...parts, ...plan.axis(em, height - em * 0.6, plan.slots > plan.layers + 1)]);
}
const PAIR = (layers, attention, mlp) => [{ name: "attention", from: 0, to: layers, at: attention, place: 0, of: 2 }, { name: "mlp", from: 0, to: layers, at: mlp, place: 1, of: 2 }];

// What the colours of the bars stand for.
const sample = (name, words) => h("span", { class: "key" }, h("i", { class: `sample ${name}` }), words);
// What the colours of cells stand for.
function ramp(colours, low, high, write, words) {
  return [write(low), colours.ramp(low, high), write(high), h("span", { class: "quiet" }, words)];
}
