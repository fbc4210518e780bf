// Which drawing of word vectors is it, and which of its words is chosen? The arrow keys go through the words.

const DRAWINGS = { fan: Fan, plane: Plane, line: Line, accuracy: Accuracy };

class WordVectors extends Figure {
  build() {
    this.pointed = null;
    this.drawing = new DRAWINGS[this.data.kind](this);
    this.body.className = `body ${this.data.kind}`;
    this.body.replaceChildren(...this.drawing.parts);
    const over = (e) => this.point(e.target.closest?.("[data-i]"));
    this.body.onpointerover = over;
    this.body.onpointerleave = () => this.point(null);
    this.body.onclick = (e) => { const found = e.target.closest("[data-i]"); if (found && Number(found.dataset.i) >= 0) this.choose(Number(found.dataset.i), true); };
  }
  // What the hand is at, else what was chosen, else what is worth reading first; -1: nothing.
  get at() { return this.pointed ?? this.chosen ?? this.drawing.usual; }
  get chosen() { return this.state.chosen < this.drawing.count ? this.state.chosen : null; }
  render() {
    this.drawing.draw();
    this.mark();
  }
  point(found) {
    const i = found && Number(found.dataset.i) >= 0 ? Number(found.dataset.i) : null;
    if (i === this.pointed) return;
    this.pointed = i;
    this.mark();
  }
  mark() {
    const { at, drawing } = this;
    drawing.point(at);
    for (const option of drawing.options ?? []) {
      option.classList.toggle("on", Number(option.dataset.i) === at && at >= 0);
      if (option.getAttribute("role")) option.setAttribute("aria-selected", String(Number(option.dataset.i) === this.chosen));
    }
    const list = this.body.querySelector("[role=listbox]");
    if (list?.querySelector(`#row${this.chosen}`)) list.setAttribute("aria-activedescendant", `row${this.chosen}`);
    else list?.removeAttribute("aria-activedescendant");
  }
  choose(i, click) {
    if (click && this.data.asks) { this.ask(i); return; }
    this.pointed = null;
    this.set({ chosen: i });
    this.drawing.point(i);
    this.say(this.drawing.readout.textContent);
  }
  // The same word may be asked for again later, so the moment travels, too.
  ask(i) {
    this.pointed = null;
    this.set({ chosen: null });
    this.send("asked", { word: this.drawing.rows[i][0], at: Date.now() });
  }
  key({ key }) {
    const { drawing } = this, order = drawing.order ?? Array.from({ length: drawing.count }, (_, i) => i);
    if (!drawing.count) return false;
    if (key === "Enter" && this.data.asks && this.at >= 0) { this.ask(this.at); return true; }
    const now = order.indexOf(this.chosen ?? drawing.usual), last = order.length - 1;
    const next = { ArrowDown: now + 1, ArrowRight: now + 1, ArrowUp: now < 0 ? last : now - 1, ArrowLeft: now < 0 ? last : now - 1, Home: 0, End: last }[key];
    if (next === undefined) return false;
    this.choose(order[Math.max(0, Math.min(last, next))]);
    return true;
  }
  title() { return this.data.title; }
}
export default mount(WordVectors);
