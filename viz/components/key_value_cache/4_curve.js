// How does what a step takes grow with the text? Two lines, with the cache and without, and a cursor to take hold of.

class Growth {
  constructor(figure, title, values) {
    Object.assign(this, { figure, title, values });
    this.heading = h("h3");
    this.drawing = svg("svg", { role: "img", class: "growth" });
    const move = (e) => figure.player.go(Math.round((e.clientX - this.drawing.getBoundingClientRect().left - this.left) / this.scale));
    this.drawing.addEventListener("pointerdown", (e) => { if (!e.button) { this.drawing.setPointerCapture(e.pointerId); move(e); } });
    this.drawing.addEventListener("pointermove", (e) => { if (this.drawing.hasPointerCapture(e.pointerId)) move(e); });
    this.e = h("section", null, this.heading, this.drawing);
  }
  show(step, measure) {
    const { em, data, half: width } = this.figure;
    const lines = measure.of(data).map(this.values), last = data.steps - 1, most = Math.max(...lines.flat()) || 1;
    const high = 9 * em, top = 1.2 * em, right = 4.8 * em;
    this.left = 4.2 * em;
    this.scale = (width - this.left - right) / Math.max(1, last);
    const x = (i) => this.left + i * this.scale, y = (value) => top + high * (1 - value / most);
    const ends = lines.map((line) => y(line[last])), room = 1.2 * em, apart = Math.abs(ends[0] - ends[1]) < room;
    const named = ["with", "without"].map((name, i) => svg("text", { class: `end ${name}`, x: x(last) + 0.5 * em, "dominant-baseline": "central",
      y: apart ? (ends[0] + ends[1]) / 2 + (i ? -1 : 1) * (room / 2) * (ends[0] >= ends[1] ? 1 : -1) : ends[i] }, name));
    this.heading.textContent = `${this.title}: ${measure.name}`;
    this.drawing.setAttribute("width", width);
    this.drawing.setAttribute("height", top + high + 2.8 * em);
    this.drawing.setAttribute("aria-label", `${this.heading.textContent}. At step ${step} ${measure.words(lines[0][step])} with the cache, ${measure.words(lines[1][step])} without; at the end ${measure.words(lines[0][last])} and ${measure.words(lines[1][last])}.`);
    this.drawing.replaceChildren(
      ...[0, 0.5, 1].flatMap((part) => [svg("path", { class: "grid", d: `M${x(0)} ${y(part * most)}H${x(last)}` }),
        svg("text", { class: "tick", x: this.left - 0.4 * em, y: y(part * most), "text-anchor": "end", "dominant-baseline": "central" }, part ? measure.short(part * most) : "0")]),
      ...[...new Set([0, Math.round(last / 2), last])].map((i) => svg("text", { class: "tick", x: x(i), y: y(0) + 1.2 * em, "text-anchor": "middle" }, String(i))),
      svg("text", { class: "tick", x: (x(0) + x(last)) / 2, y: y(0) + 2.4 * em, "text-anchor": "middle" }, "step"),
      svg("path", { class: "here", d: `M${x(step)} ${y(0)}V${y(most)}` }),
      ...lines.flatMap((line, i) => [svg("path", { class: `line ${i ? "without" : "with"}`, d: line.map((value, s) => `${s ? "L" : "M"}${x(s).toFixed(1)} ${y(value).toFixed(1)}`).join("") }),
        svg("circle", { class: `dot ${i ? "without" : "with"}`, cx: x(step), cy: y(line[step]), r: 4 })]), ...named);
  }
}
