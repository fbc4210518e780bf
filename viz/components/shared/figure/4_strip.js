// How does one choose a word of a text? All its words in a row, the chosen one marked; up and down, or [ and ], go from
// word to word. The word is the figure's parameter "word"; with another word its steps begin anew. A long text shows as
// many words at once as can be drawn without a wait.

const AT_ONCE = 300;

class Strip {
  // element(i) draws the i-th word; it is asked again for new data only.
  constructor(figure, element) {
    Object.assign(this, { figure, element, count: 0 });
    this.list = h("div", { class: "strip", role: "listbox", tabindex: 0, "aria-label": "Words of the text", onclick: (e) => {
      const chosen = e.target.closest("[role=option]");
      if (chosen) this.go(Number(chosen.dataset.word));
    } });
    this.said = h("span", { class: "quiet" });
    this.pages = h("div", { class: "control leave" }, figure.button("Earlier words", () => this.go((this.page - 1) * AT_ONCE)),
      figure.button("Later words", () => this.go((this.page + 1) * AT_ONCE)), this.said);
    this.parts = h("div", { class: "words" }, this.list, this.pages);
  }
  // New data: so many words.
  reset(count) {
    this.count = count;
    this.page = -1;
    this.pages.hidden = count <= AT_ONCE;
  }
  go(word) {
    this.figure.player.stop();
    this.figure.set({ word: Math.max(0, Math.min(this.count - 1, word)), step: 0 });
  }
  refresh() {
    const { word } = this.figure.state, page = Math.floor(word / AT_ONCE), first = page * AT_ONCE;
    if (page !== this.page) {
      this.page = page;
      const shown = Array.from({ length: Math.min(AT_ONCE, this.count - first) }, (_, i) => first + i);
      this.list.replaceChildren(...shown.map((i) => h("span", { role: "option", id: `word${i}`, "data-word": i }, this.element(i))));
      this.said.textContent = `words ${(first + 1).toLocaleString("en")} to ${(shown.at(-1) + 1).toLocaleString("en")} of ${this.count.toLocaleString("en")}`;
    }
    for (const option of this.list.children) option.setAttribute("aria-selected", String(Number(option.dataset.word) === word));
    this.list.setAttribute("aria-activedescendant", `word${word}`);
    const box = this.list.children[word - first].getBoundingClientRect(), frame = this.list.getBoundingClientRect();
    if (box.top < frame.top) this.list.scrollTop += box.top - frame.top - 4;
    else if (box.bottom > frame.bottom) this.list.scrollTop += box.bottom - frame.bottom + 4;
    this.list.classList.toggle("leave", this.list.scrollHeight > this.list.clientHeight + 2); // half a text is no picture
  }
  key(event) {
    const by = { "[": -1, ArrowUp: -1, "]": 1, ArrowDown: 1 }[event.key];
    if (by) this.go(this.figure.state.word + by);
    return Boolean(by);
  }
}
