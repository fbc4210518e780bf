// Which tokens does the model see? All of the text, those outside of the window struck, and the border between them.

class WindowText {
  constructor(figure) {
    this.figure = figure;
    this.box = h("div", { class: "text", tabindex: 0, role: "group", "aria-label": "The text; the arrow keys move the window's border, and a click lets it begin at a token" });
    const move = (e) => {
      const at = this.box.getRootNode().elementFromPoint(e.clientX, e.clientY)?.closest("[data-token]");
      if (at) figure.reach(figure.windowFrom(Number(at.dataset.token)));
    };
    this.box.addEventListener("pointerdown", (e) => {
      if (e.button || !e.target.closest("[data-token]")) return;
      this.box.setPointerCapture(e.pointerId);
      move(e);
    });
    this.box.addEventListener("pointermove", (e) => { if (this.box.hasPointerCapture(e.pointerId)) move(e); });
  }
  build({ tokens, lost, opening, leading }) {
    this.chips = tokens.map((token, i) => {
      const shown = chip(token, true);
      shown.dataset.token = i;
      return shown;
    });
    const before = lost ? h("p", { class: "lost quiet" }, h("s", null, h("bdi", null, visible(opening)), "…"), ` ${lost.toLocaleString("en")} tokens before these have fallen off in any case.`) : null;
    this.box.replaceChildren(...this.chips);
    this.leading = leading;
    this.first = -1;
    return [before, this.box].filter(Boolean);
  }
  // The tokens from `first` on are seen, and the leading ones.
  show(first) {
    this.chips.forEach((shown, i) => {
      shown.classList.toggle("out", i >= this.leading && i < first);
      shown.classList.toggle("edge", i === first && first > this.leading);
    });
    const moved = this.first >= 0 && first !== this.first, edge = this.chips[first];
    this.first = first;
    if (!moved || !edge) return;
    const box = edge.getBoundingClientRect(), frame = this.box.getBoundingClientRect();
    if (box.top < frame.top) this.box.scrollTop += box.top - frame.top - 6;
    else if (box.bottom > frame.bottom) this.box.scrollTop += box.bottom - frame.bottom + 6;
  }
}
