// How does the hand set a number? A range and a field that say the same; a bar that is dragged.

// A range from `least` to `most` by `step`, whose place means `of(place)` and back `to(value)`, and a field beside it.
class Slide {
  constructor({ name, least, most, step, of, to, read, write, changed, title }) {
    Object.assign(this, { of, to, read, write, changed });
    this.range = h("input", { type: "range", min: least, max: most, step, "aria-label": name, title, oninput: () => changed(of(Number(this.range.value))) });
    this.field = h("input", { class: "field", inputmode: "decimal", size: 6, "aria-label": `${name}, as a number`, onchange: () => this.typed() });
    this.parts = h("label", { class: "control" }, h("span", { class: "name" }, name), this.range, this.field);
  }
  typed() {
    const value = this.read(this.field.value.trim().replace("−", "-"));
    if (value === null) this.show(this.value);
    else this.changed(value);
  }
  show(value) {
    this.value = value;
    this.range.value = this.to(value);
    this.range.setAttribute("aria-valuetext", this.write(value));
    if (this.field.getRootNode().activeElement !== this.field) this.field.value = this.write(value);
  }
}

// One logit: a bar from 0 to z that can be taken by the pointer or by arrow keys, and a field with the number.
class Handle {
  constructor(name, { most, changed, chosen }) {
    Object.assign(this, { name, most, changed, chosen });
    this.drawing = h("div", { class: "handle", role: "slider", tabindex: 0, "aria-label": `Logit of ${name}`, "aria-valuemin": -most, "aria-valuemax": most });
    this.field = h("input", { class: "field", inputmode: "decimal", "aria-label": `Logit of ${name}, as a number`, onfocus: () => chosen(), onchange: () => this.typed() });
    this.drawing.addEventListener("focus", () => chosen());
    this.drawing.addEventListener("pointerdown", (e) => { this.held = this.scale; this.drawing.setPointerCapture(e.pointerId); this.drawing.focus(); this.drag(e); });
    this.drawing.addEventListener("pointermove", (e) => { if (this.held) this.drag(e); });
    for (const end of ["pointerup", "pointercancel"]) this.drawing.addEventListener(end, () => { if (this.held) { this.held = null; changed(this.value); } });
    this.drawing.addEventListener("keydown", (e) => {
      const by = { ArrowRight: 0.1, ArrowUp: 0.1, ArrowLeft: -0.1, ArrowDown: -0.1, PageUp: 1, PageDown: -1 }[e.key];
      if (!by || e.ctrlKey || e.metaKey || e.altKey) return;
      e.preventDefault();
      e.stopPropagation();
      this.give(this.value + by * (e.shiftKey ? 10 : 1));
    });
  }
  // Kept at once: another key may come before the frame.
  give(value) { this.changed((this.value = Math.max(-this.most, Math.min(this.most, Number(value.toFixed(6)))))); }
  // The number beside the end of its bar, on the side that has room: a saved picture has no fields.
  words(value, end, { width, tall, em, look }) {
    const text = four(value), room = em * (0.7 + 0.45 * text.length), right = value >= 0 ? end < width - room : end < room;
    return svg("text", { x: end + (right ? 1 : -1) * em * 0.45, y: tall / 2, "font-size": em * 0.8, "text-anchor": right ? "start" : "end", "dominant-baseline": "central", fill: look.paper.ink }, text);
  }
  drag(e) {
    const box = this.drawing.getBoundingClientRect(), [low, high] = this.held;
    const value = low + ((high - low) * Math.max(0, Math.min(1, (e.clientX - box.left - 6) / (box.width - 12))));
    this.give(Number(value.toFixed(high - low > 40 ? 1 : 2)));
  }
  typed() {
    const text = this.field.value.trim().replace("−", "-"), value = Number(text);
    if (text && Math.abs(value) <= this.most) this.give(value);
    else this.field.value = String(this.value);
  }
  // `scale`: what the ends of the drawing stand for; it stays while the bar is held.
  show(value, scale, look, { width, em, chosen }) {
    this.value = value;
    this.scale = this.held ?? scale;
    const [low, high] = this.scale, x = (v) => 6 + ((Math.max(low, Math.min(high, v)) - low) / (high - low)) * (width - 12), tall = em * 1.5, colour = look.stroke(look.parts.logits);
    const zero = x(0), end = x(value);
    this.drawing.replaceChildren(svg("svg", { width, height: tall, viewBox: `0 0 ${width} ${tall}`, "aria-hidden": "true" },
      svg("line", { x1: zero, x2: zero, y1: 0, y2: tall, stroke: look.paper.quiet, "stroke-width": 1 }),
      svg("rect", { x: Math.min(zero, end), width: Math.max(0.5, Math.abs(end - zero)), y: tall * 0.2, height: tall * 0.6, fill: colour, "fill-opacity": chosen ? 0.85 : 0.5 }),
      svg("rect", { x: end - 2.5, width: 5, y: tall * 0.08, height: tall * 0.84, rx: 2, fill: look.paper.ink }), this.words(value, end, { width, tall, em, look })));
    this.drawing.setAttribute("aria-valuenow", value);
    this.drawing.setAttribute("aria-valuetext", exactly(value));
    if (this.field.getRootNode().activeElement !== this.field) this.field.value = String(value);
  }
}

// Ends for a scale that holds all values and 0, with room to draw a bar out.
function roundEnds(values) {
  const low = Math.min(0, ...values), high = Math.max(0, ...values), span = Math.max(4, high - low), step = 10 ** Math.floor(Math.log10(span) - 0.5);
  return [Math.floor((low - span * 0.25) / step) * step, Math.ceil((high + span * 0.4) / step) * step];
}
