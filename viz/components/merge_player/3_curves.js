// How does a number change from merge to merge? A curve with a cursor that can be taken hold of.

const grouped = new Intl.NumberFormat("en");
const whole = (value) => grouped.format(value);

class Curve {
  // `values` [step]: from 0 to the largest; `seek(step)` when the hand asks for one.
  constructor(name, values, seek) {
    Object.assign(this, { name, values, last: values.length - 1, most: Math.max(values[0], values.at(-1)) });
    this.said = h("p", { class: "said" });
    this.svg = svg("svg", { class: "curve", role: "img" });
    this.e = h("section", null, h("h3", null, name), this.said, this.svg);
    const pointed = (e) => { if (e.buttons) seek(Math.round(Math.max(0, Math.min(1, (e.clientX - this.svg.getBoundingClientRect().left) / this.width)) * this.last)); };
    this.svg.addEventListener("pointerdown", (e) => { this.svg.setPointerCapture(e.pointerId); pointed(e); });
    this.svg.addEventListener("pointermove", pointed);
  }
  x(step) { return this.last ? (step / this.last) * this.width : 0; }
  y(value) { return this.height - 2 - (value / this.most) * (this.height - 6); }
  lay(width, em) {
    Object.assign(this, { width, em, height: Math.round(em * 6) });
    const points = Math.min(this.last, Math.round(width)) || 1, d = [];
    for (let i = 0; i <= points; i++) { const step = Math.round((i / points) * this.last); d.push(`${i ? "L" : "M"}${this.x(step).toFixed(1)} ${this.y(this.values[step]).toFixed(1)}`); }
    this.line = svg("line", { class: "at", y1: 0, y2: this.height });
    this.dot = svg("circle", { class: "dot", r: em * 0.28 });
    for (const [name, value] of Object.entries({ width, height: this.height + em * 1.3, viewBox: `0 0 ${width} ${this.height + em * 1.3}` })) this.svg.setAttribute(name, value);
    this.svg.replaceChildren(svg("line", { class: "axis", x1: 0, x2: width, y1: this.height, y2: this.height }), svg("path", { class: "path", d: d.join("") }), this.line, this.dot,
      svg("text", { x: 0, y: this.height + em }, "0"), svg("text", { x: width, y: this.height + em, "text-anchor": "end" }, `${whole(this.last)} merges`));
  }
  show(step, sentence) {
    const x = this.x(step);
    this.line.setAttribute("x1", x);
    this.line.setAttribute("x2", x);
    this.dot.setAttribute("cx", x);
    this.dot.setAttribute("cy", this.y(this.values[step]));
    this.said.textContent = sentence;
    this.svg.setAttribute("aria-label", `${this.name} from ${whole(this.values[0])} to ${whole(this.values[this.last])} over ${whole(this.last)} merges; now ${sentence}`);
  }
}
