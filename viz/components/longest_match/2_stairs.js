// What does the search look like? A staircase: each look-up a row below the last, as long as what is looked up; the
// letters stand in columns. A row of many is drawn only where it can be seen.

const ROWS = 26, ROW = 1.75; // rows at once; em from row to row

class Stairs {
  constructor(figure) {
    this.figure = figure;
    this.drawing = svg("svg", { role: "img" });
    this.box = h("div", { class: "stairs", tabindex: 0, role: "group", "aria-label": "Staircase of look-ups, scrolls sideways", onscroll: () => this.draw() }, this.drawing);
    this.box.addEventListener("click", (e) => { const row = e.target.closest("[data-row]"); if (row) figure.player.go(Number(row.dataset.row) + 1); });
  }
  show(search, step) {
    const { em } = this.figure, other = search !== this.search, room = this.box.clientWidth;
    Object.assign(this, { search, step, em });
    this.rows = Math.min(ROWS, search.last);
    this.first = Math.max(0, Math.min(step - Math.round(ROWS * 0.7), search.last - this.rows));
    this.column = Math.max(1.25 * em, Math.min(2 * em, (room - 10 * em) / Math.max(1, search.letters.length)));
    this.width = Math.max(room, this.x(search.letters.length) + 8 * em);
    this.drawing.setAttribute("width", this.width);
    this.gap = search.last > ROWS ? 1 : 0; // for how many rows are left out above
    this.drawing.setAttribute("height", (this.rows + this.gap + 2.4) * ROW * em);
    if (other) this.box.scrollLeft = 0;
    if (step) {
      const { from, to } = search.at(step - 1);
      if (this.x(to) + 4 * em > this.box.scrollLeft + room || this.x(from) < this.box.scrollLeft) {
        this.box.scrollLeft = Math.min(this.x(from) - 3 * em, this.x(to) + 6 * em - room);
        if (this.x(to) - this.x(from) > room) this.box.scrollLeft = this.x(from) - 3 * em;
      }
    }
    this.draw();
  }
  x(letter) { return 2.2 * this.em + letter * this.column; }
  y(row) { return (row - this.first + this.gap + 1.8) * ROW * this.em; }
  draw() {
    const { search, step, em, box } = this;
    if (!search) return;
    const from = Math.max(0, Math.floor((box.scrollLeft - this.x(0)) / this.column) - 2), to = Math.ceil((box.scrollLeft + box.clientWidth - this.x(0)) / this.column) + 2;
    const letter = (i, y) => svg("text", { class: "letter", x: this.x(i + 0.5), y, "text-anchor": "middle", "dominant-baseline": "central" }, tokenText({ text: search.letters[i] }, true));
    const letters = (a, b, y) => Array.from({ length: Math.max(0, Math.min(b, to) - Math.max(a, from)) }, (_, i) => letter(Math.max(a, from) + i, y));
    const found = search.found(step).filter((m) => search.ends[m] > from && search.starts[m] < to).map((m) => svg("path", { class: "under", d: `M${this.x(search.starts[m]) + 2} ${1.25 * ROW * em}H${this.x(search.ends[m]) - 2}` }));
    const head = svg("g", { class: "head" }, ...letters(0, search.letters.length, 0.8 * ROW * em), ...found);
    const rows = Array.from({ length: this.rows }, (_, i) => this.row(this.first + i, letters));
    const more = (n, y) => n > 0 ? [svg("text", { class: "more", x: box.scrollLeft + 4, y, "dominant-baseline": "central" }, `${n.toLocaleString("en")} more`)] : [];
    this.drawing.replaceChildren(head, ...rows, ...more(this.first, this.y(this.first - 0.85)), ...more(search.last - this.first - this.rows, this.y(this.first + this.rows - 0.2)));
    this.drawing.setAttribute("aria-label", this.figure.summary());
  }
  row(i, letters) {
    const { search, step, em } = this, { from, to, found, match } = search.at(i), y = this.y(i);
    const state = i >= step ? "future" : found ? "found" : "missed", now = i === step - 1 ? " now" : "";
    const said = i >= step ? "" : found ? `✓ ${search.lost ? "found" : `id ${search.ids[match].toLocaleString("en")}`}` : "×";
    return svg("g", { class: `row ${state}${now}`, "data-row": i },
      svg("rect", { x: this.x(from) + 1, y: y - 0.7 * em, width: this.x(to) - this.x(from) - 2, height: 1.4 * em, rx: 3 }),
      from ? svg("text", { class: "prefix", x: this.x(from) - 0.15 * em, y, "text-anchor": "end", "dominant-baseline": "central" }, search.prefix) : null,
      ...letters(from, to, y),
      svg("text", { class: "said", x: this.x(to) + 0.4 * em, y, "dominant-baseline": "central" }, said));
  }
}
