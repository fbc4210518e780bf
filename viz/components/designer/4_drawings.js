// What does a design look like? A bar of its parts, models of one size beside each other, and the cost of training.

// The parts beside each other, each as wide as its share.
function partsDrawing(counts, names, colours, look, width, em) {
  const tall = em * 2.6, size = em * 0.8, shapes = [];
  let x = 0;
  for (const [part, , count] of counts.parts) {
    const wide = (count / counts.total) * width;
    if (!wide) continue;
    const fill = look.stroke(colours[part]), words = `${names[part]} ${percent(count / counts.total)}`;
    shapes.push(svg("rect", { x, y: 0, width: wide, height: tall, fill, stroke: look.paper.paper, "stroke-width": 1 }));
    const said = wide > em * (0.46 * words.length + 0.6) ? words : wide > em * (0.46 * names[part].length + 0.6) ? names[part] : null;
    const back = look.dark ? mix(rgb(colours[part]), [255, 255, 255], 0.3) : rgb(colours[part]);
    if (said) shapes.push(svg("text", { x: x + em * 0.35, y: tall / 2, "font-size": size, "dominant-baseline": "central", fill: look.inkOn(back) }, said));
    x += wide;
  }
  return svg("svg", { width, height: tall, viewBox: `0 0 ${width} ${tall}`, role: "img", "aria-label":
    `Shares of the parts: ${list(counts.parts.filter((part) => part[2]).map(([part, , count]) => `${names[part]} ${percent(count / counts.total)}`))}` }, shapes);
}
const percent = (share) => (share === 0 ? "0%" : share < 0.0001 ? "<0.01%" : `${(share * 100).toFixed(share < 0.01 ? 2 : 1)}%`);

// One model as a stack: each layer a bar as wide as the model, on the scale that it shares with the others.
function stackDrawing(design, scale, colour, words) {
  const { wide, tall, width, layers } = scale, step = Math.min(tall / layers, 14), thick = step < 2 ? step + 0.02 : step * 0.78, w = (design.width / width) * wide, left = (wide - w) / 2;
  const path = Array.from({ length: design.layers }, (_, i) => `M${left.toFixed(1)} ${(tall - (i + 1) * step).toFixed(2)}h${w.toFixed(1)}v${thick.toFixed(2)}h${(-w).toFixed(1)}z`).join("");
  return svg("svg", { width: wide, height: tall, viewBox: `0 0 ${wide} ${tall}`, role: "img", "aria-label": words }, svg("path", { d: path, fill: colour }));
}

// Training against size, both in powers of ten: each rule is a straight line, and this design a point on each. Models
// that were trained stand under their numbers.
function costDrawing({ size, rules, trained, look, width, em }) {
  const tall = em * 22, type = em * 0.8, left = em * 3.2, right = width - em * 0.8, top = em * 0.8, bottom = tall - em * 2.8;
  const [low, high] = [Math.min(6, Math.floor(Math.log10(size))), Math.max(13, Math.ceil(Math.log10(size)))], cost = (n, rate) => Math.log10(6 * rate) + 2 * n;
  const floor = Math.floor(cost(low, rules[0].rate)), roof = Math.ceil(cost(high, rules.at(-1).rate));
  const x = (n) => left + ((n - low) / (high - low)) * (right - left), y = (c) => bottom - ((c - floor) / (roof - floor)) * (bottom - top);
  const text = (props, words) => svg("text", { "font-size": type, fill: look.paper.quiet, "dominant-baseline": "central", ...props }, words);
  const line = (x1, y1, x2, y2, props) => svg("line", { x1, y1, x2, y2, stroke: look.paper.line, ...props }), parts = [], at = Math.log10(size), slope = (2 / (roof - floor)) * (bottom - top) / ((right - left) / (high - low));
  for (let n = low; n <= high; n++) parts.push(line(x(n), top, x(n), bottom), text({ x: x(n), y: bottom + type, "text-anchor": "middle" }, raised(n)));
  for (let c = Math.ceil(floor / 4) * 4; c <= roof; c += 4) parts.push(line(left, y(c), right, y(c)), text({ x: left - em * 0.3, y: y(c), "text-anchor": "end" }, raised(c)));
  parts.push(line(x(at), top, x(at), bottom, { stroke: look.paper.ink, "stroke-dasharray": "2 3" }));
  rules.forEach((rule, i) => {
    const words = `${rule.name}: ${whole(rule.rate)} tokens a parameter`, far = words.length * type * 0.52 * slope + type;
    parts.push(line(x(low), y(cost(low, rule.rate)), x(high), y(cost(high, rule.rate)), { stroke: look.stroke(rule.colour), "stroke-width": 2, "stroke-dasharray": i ? "7 4" : null }));
    // Above the upper line at its left end, below the lower one at its right end.
    parts.push(i ? text({ x: left + em * 0.3, y: y(cost(low, rule.rate)) - far, fill: look.words(rule.colour) }, words)
      : text({ x: right, y: y(cost(high, rule.rate)) + far, "text-anchor": "end", fill: look.words(rule.colour) }, words));
  });
  trained.forEach(({ parameters, tokens }, i) => {
    const place = { x: x(Math.log10(parameters)), y: y(Math.log10(6 * parameters * tokens)) };
    parts.push(svg("circle", { cx: place.x, cy: place.y, r: em * 0.5, fill: look.paper.paper, stroke: look.paper.quiet }), text({ ...place, "font-size": em * 0.72, "text-anchor": "middle", fill: look.paper.ink }, i + 1));
  });
  for (const rule of rules) parts.push(shapeOf("diamond", x(at), y(cost(at, rule.rate)), 6, look.paper.accent));
  const side = at < (low + high) / 2;
  parts.push(text({ x: x(at) + (side ? 1 : -1) * em * 0.4, y: bottom - type, "text-anchor": side ? "start" : "end", fill: look.paper.ink }, "this design"));
  parts.push(text({ x: (left + right) / 2, y: tall - type * 0.6, "text-anchor": "middle" }, "parameters that work on a token"), text({ x: left + em * 0.3, y: top + type * 0.4 }, "operations to train"));
  return svg("svg", { width, height: tall, viewBox: `0 0 ${width} ${tall}`, role: "img", "aria-label":
    `Operations to train a model against its parameters, both in powers of ten. This design, with ${short(size)}: ${list(rules.map((rule) => `${power(10 ** cost(at, rule.rate))} as ${rule.name}`))}` }, parts);
}
