// From which window on does the model know? The probability of one token, window by window.

const HIGH = 11, LEFT = 3.2, BELOW = 3, ABOVE = 0.8, RIGHT = 1; // em

class Curve {
  constructor(figure) {
    this.figure = figure;
    this.drawing = svg("svg", { role: "img", class: "curve" });
    const move = (e) => {
      const box = this.drawing.getBoundingClientRect();
      figure.reach((e.clientX - box.left - this.left) / this.scale);
    };
    this.drawing.addEventListener("pointerdown", (e) => { if (!e.button) { this.drawing.setPointerCapture(e.pointerId); move(e); } });
    this.drawing.addEventListener("pointermove", (e) => { if (this.drawing.hasPointerCapture(e.pointerId)) move(e); });
  }
  // points: [tokens in the window, probability]; the window that is chosen
  show(points, chosen, words) {
    const { em, width } = this.figure, longest = points.at(-1)[0];
    this.left = LEFT * em;
    this.scale = (width - (LEFT + RIGHT) * em) / longest;
    const x = (tokens) => this.left + tokens * this.scale, y = (p) => (ABOVE + HIGH * (1 - p)) * em;
    const ticks = [...new Set([0, 0.25, 0.5, 0.75, 1].map((part) => Math.round(part * longest)))];
    const at = points.find(([tokens]) => tokens === chosen);
    this.drawing.setAttribute("width", width);
    this.drawing.setAttribute("height", (ABOVE + HIGH + BELOW) * em);
    this.drawing.setAttribute("aria-label", words);
    this.drawing.replaceChildren(
      ...[0, 0.25, 0.5, 0.75, 1].flatMap((p) => [svg("path", { class: "grid", d: `M${x(0)} ${y(p)}H${x(longest)}` }),
        svg("text", { class: "tick", x: this.left - 0.5 * em, y: y(p), "text-anchor": "end", "dominant-baseline": "central" }, String(p))]),
      ...ticks.map((tokens) => svg("text", { class: "tick", x: x(tokens), y: y(0) + 1.1 * em, "text-anchor": "middle" }, tokens.toLocaleString("en"))),
      svg("text", { class: "tick", x: (x(0) + x(longest)) / 2, y: y(0) + 2.4 * em, "text-anchor": "middle" }, "tokens in the window"),
      svg("path", { class: "here", d: `M${x(chosen)} ${y(0)}V${y(1)}` }),
      svg("path", { class: "line", d: points.map(([tokens, p], i) => `${i ? "L" : "M"}${x(tokens).toFixed(1)} ${y(p).toFixed(1)}`).join("") }),
      ...points.map(([tokens, p]) => svg("circle", { class: "point", cx: x(tokens), cy: y(p), r: 2 })),
      svg("circle", { class: "point chosen", cx: x(chosen), cy: y(at[1]), r: 5 }));
  }
}
