// The text as it runs, a chip for each token, line breaks kept; of two models also the pieces that both cut out.

const RTL = /^[^\p{L}]*[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;

class RunningText {
  constructor(figure, tokens, segments) {
    const { data } = figure;
    this.figure = figure;
    this.rtl = RTL.test(data.tokens.map((token) => (token.kind === "special" ? "" : token.text)).join(""));
    this.chips = tokens.map((x, i) => this.chip(x, i));
    this.differences = [];
    const parts = segments ? segments.flatMap((segment) => this.segment(segment, tokens)) : tokens.flatMap((x, i) => [this.chips[i], ...this.breaks(x)]);
    this.box = h("div", { class: "running", role: "listbox", tabindex: 0, dir: this.rtl ? "rtl" : "ltr", "aria-label": "The text, token by token. Arrow keys go from token to token.",
      onpointerover: (e) => figure.point(this.tokenOf(e)), onpointerleave: () => figure.point(null),
      onclick: (e) => { const i = this.tokenOf(e); if (i != null) figure.choose(i); } }, parts);
  }
  tokenOf(event) {
    const chip = event.target.closest?.("[data-token]");
    return chip ? Number(chip.dataset.token) : null;
  }
  chip(x, i) {
    const made = chip(x.token, false);
    for (const [name, value] of Object.entries({ role: "option", id: `token${i}`, "data-token": i, "aria-label": `${plain(x.token)}: ${x.predicted ? `rank ${count(x.rank)}, ${bits(x.surprisal, 1)}` : "not predicted"}` })) made.setAttribute(name, value);
    made.append(h("i", { class: "level" }));
    if (!x.predicted) made.classList.add("first");
    return made;
  }
  breaks({ token }) {
    const n = token.kind === "special" || token.part[0] < token.part[1] - 1 ? 0 : (token.text.match(/\r\n|[\n\r]/g) ?? []).length;
    return Array.from({ length: Math.min(3, n) }, (_, k) => h("span", { class: k ? "break empty" : "break", "aria-hidden": "true" }));
  }
  segment({ tokens: [[start, end]], bits: both }, tokens) {
    const said = h("small", { class: "difference", "aria-hidden": "true" }, both ? signed(both[1] - both[0]) : "–");
    this.differences.push([said, both && both[1] - both[0]]);
    return [h("span", { class: "segment", role: "group", "aria-label": both ? `second model ${signed(both[1] - both[0])} bits` : "not predicted by both" },
      h("span", { class: "chips" }, this.chips.slice(start, end)), said), ...tokens.slice(start, end).flatMap((x) => this.breaks(x))];
  }
  paint(tokens) {
    const { figure } = this, { level } = MEASURES[figure.state.colour];
    figure.signed = figure.state.colour === "wrong";
    tokens.forEach((x, i) => { if (x.predicted) paint(figure, this.chips[i], level(x)); });
    const shade = figure.signed;
    figure.signed = true;
    for (const [element, difference] of this.differences) {
      if (difference == null || !Number.isFinite(difference)) continue;
      const { back, ink } = shadeOf(figure, Math.max(-1, Math.min(1, difference / 8)));
      element.style.background = back;
      element.style.color = ink;
    }
    figure.signed = shade;
  }
  mark(chosen) {
    this.box.querySelector("[aria-selected=true]")?.setAttribute("aria-selected", "false");
    this.chips[chosen].setAttribute("aria-selected", "true");
    this.box.setAttribute("aria-activedescendant", `token${chosen}`);
  }
  // A text that scrolls shows the chosen token; a page is left where it is.
  reveal(chosen) {
    const box = this.chips[chosen].getBoundingClientRect(), frame = this.box.getBoundingClientRect();
    if (box.top < frame.top) this.box.scrollTop += box.top - frame.top - 4;
    else if (box.bottom > frame.bottom) this.box.scrollTop += box.bottom - frame.bottom + 4;
  }
}
