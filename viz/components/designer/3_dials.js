// How does the hand set a size? A range that goes through a list of values, and a field beside it for any other.

// 1, 2, 3, ... 64 times the unit, then in twice as large steps to 128 times, and so on: the same share a step.
function ladder(unit, most) {
  const values = [];
  for (let value = unit, step = unit; value <= most; value += step) {
    values.push(value);
    if (value >= step * 64) step *= 2;
  }
  return values;
}

class Dial {
  // `values()`: what the range goes through; `moved(value)` for each step, `done()` when the hand lets go; `refused(text)`
  // for what is typed and is no size.
  constructor({ name, label, symbol, limits, values, moved, done, refused, words = whole }) {
    Object.assign(this, { name, limits, values, words, moved, done, refused });
    this.range = h("input", { type: "range", min: 0, step: 1, "aria-label": label, "data-size": name,
      oninput: () => moved(this.through[Number(this.range.value)]), onchange: () => done() });
    this.field = h("input", { class: "field", inputmode: "numeric", "aria-label": `${label}, as a number`, onchange: () => this.typed() });
    this.parts = h("label", { class: "dial" }, h("span", { class: "name" }, label, symbol ? h("i", null, ` ${symbol}`) : null), this.range, this.field);
  }
  typed() {
    const text = this.field.value, size = /^[\d,\s]+$/.test(text) ? Number(text.replace(/[,\s]/g, "")) : NaN, [least, most] = this.limits;
    if (size >= least && size <= most) {
      this.taken = true;
      this.moved(size);
      this.done();
    } else {
      this.refused(text);
      this.field.value = whole(this.shown);
    }
  }
  // `shown`: what the field says, where that isn't the value itself.
  show(value, shown = value) {
    Object.assign(this, { value, shown });
    this.through = this.values();
    const last = this.through.length - 1, at = this.through.reduce((best, each, i) => (Math.abs(each - value) < Math.abs(this.through[best] - value) ? i : best), 0);
    this.range.max = last;
    this.range.disabled = last === 0;
    this.range.value = at;
    this.range.setAttribute("aria-valuetext", this.words(value));
    // Not while a hand writes in it, but what became of what it wrote.
    if (this.taken || this.field.getRootNode().activeElement !== this.field) this.field.value = whole(shown);
    this.taken = false;
  }
}
