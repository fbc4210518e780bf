// What has softmax to do with the sigmoid? With two bars it is the sigmoid of their difference; with more, one bar
// against all the others together: p = sigmoid(x - log of the sum of the others' e^x).

const sigmoid = (d) => 1 / (1 + Math.exp(-d));

// Against what the chosen bar stands: the other one, or all others, in doubles.
function against(x, bar) {
  const others = x.filter((_, i) => i !== bar), most = Math.max(...others);
  return Number.isFinite(most) ? most + Math.log(others.reduce((sum, v) => sum + Math.exp(v - most), 0)) : most;
}

// The curve with the point of one bar on it; a difference beyond the ends stands at the end.
function sigmoidDrawing(difference, p, name, look, width, em) {
  const tall = em * 9, left = em * 2.2, right = width - em * 0.6, top = em * 0.8, bottom = tall - em * 2.2, size = em * 0.8, ends = 8;
  const x = (d) => left + ((Math.max(-ends, Math.min(ends, d)) + ends) / (2 * ends)) * (right - left), y = (v) => bottom - v * (bottom - top);
  const text = (props, ...words) => svg("text", { "font-size": size, fill: look.paper.quiet, ...props }, ...words);
  const points = Array.from({ length: 81 }, (_, i) => -ends + i * 0.2).map((d) => `${x(d).toFixed(1)},${y(sigmoid(d)).toFixed(1)}`).join(" ");
  const parts = [0, 0.5, 1].flatMap((v) => [svg("line", { x1: left, x2: right, y1: y(v), y2: y(v), stroke: look.paper.line }),
    text({ x: left - em * 0.3, y: y(v), "text-anchor": "end", "dominant-baseline": "central" }, String(v))]);
  for (const d of [-8, -4, 0, 4, 8]) parts.push(text({ x: x(d), y: bottom + size * 1.2, "text-anchor": "middle" }, exactly(d)));
  parts.push(svg("line", { x1: x(0), x2: x(0), y1: top, y2: bottom, stroke: look.paper.line }),
    svg("polyline", { points, fill: "none", stroke: look.stroke(look.parts.query), "stroke-width": 2 }));
  if (Number.isFinite(p) && !Number.isNaN(difference)) {
    const [at, to] = [x(difference), y(p)], colour = look.stroke(look.parts.logits);
    parts.push(svg("line", { x1: at, x2: at, y1: bottom, y2: to, stroke: colour, "stroke-dasharray": "3 3" }),
      svg("line", { x1: left, x2: at, y1: to, y2: to, stroke: colour, "stroke-dasharray": "3 3" }),
      svg("circle", { class: "point", cx: at, cy: to, r: 5, fill: colour, stroke: look.paper.paper, "stroke-width": 1.5 }));
  }
  parts.push(text({ x: (left + right) / 2, y: tall - em * 0.2, "text-anchor": "middle" }, "difference"));
  return svg("svg", { width, height: tall, viewBox: `0 0 ${width} ${tall}`, role: "img", "aria-label":
    `The sigmoid curve, from 0 on the left to 1 on the right; at a difference of ${four(difference)} stands ${name} with ${four(p)}` }, parts);
}
