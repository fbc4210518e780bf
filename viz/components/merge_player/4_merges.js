// Which merges are there? A list of any length, of which only the rows in sight are made; the current one is marked.

const ROWS = 7; // in sight

class Merges {
  constructor(training, seek, spell) {
    Object.assign(this, { training, seek, spell });
    this.space = h("div", { class: "space" });
    this.box = h("div", { class: "merges", tabindex: 0, role: "group", "aria-label": "All merges", onscroll: () => this.fill() }, this.space);
  }
  // Row `step` is merge step + 1; `now` merges are made.
  show(now, em) {
    if (this.row !== Math.round(em * 1.8)) {
      this.row = Math.round(em * 1.8);
      this.space.style.height = `${this.training.last * this.row}px`;
      this.box.style.height = `${ROWS * this.row + 2}px`;
      this.now = null;
    }
    if (this.now === now) return;
    this.now = now;
    const top = Math.max(now - 1, 0) * this.row, { scrollTop } = this.box;
    if (top < scrollTop || top > scrollTop + (ROWS - 1) * this.row) this.box.scrollTop = top - Math.floor(ROWS / 2) * this.row;
    this.fill();
  }
  fill() {
    const { training, row } = this, first = Math.floor(this.box.scrollTop / row), last = Math.min(training.last, Math.ceil(this.box.scrollTop / row) + ROWS);
    const rows = [];
    for (let step = Math.max(0, first); step < last; step++) {
      rows.push(h("button", { type: "button", tabindex: -1, class: step + 1 > this.now ? "later" : null, "aria-current": step + 1 === this.now ? "step" : null, style: `top:${step * row}px;height:${row}px`,
        onclick: () => this.seek(step + 1) }, h("span", { class: "rank" }, step + 1 === this.now ? "▸ " : "", whole(step + 1)), h("span", { class: "made" }, this.spell(training.left[step]), "+", this.spell(training.right[step]), "→", this.spell(training.made[step])),
      h("span", { class: "count" }, `${whole(training.counts[step])}×`)));
    }
    this.space.replaceChildren(...rows);
  }
}
