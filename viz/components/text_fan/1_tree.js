// Where do texts part? What they share stands once, its branches below it, each with how many texts took it.

const percent = (value) => value >= 0.995 && value < 1 ? ">99%" : value > 0 && value < 0.005 ? "<1%" : `${Math.round(value * 100)}%`;
const some = (texts) => `${texts} text${texts === 1 ? "" : "s"}`;

class Tree {
  constructor(figure) {
    Object.assign(this, { figure, marks: [], firsts: [] });
    this.e = h("div", { class: "tree", role: "group", "aria-label": "Texts as a tree", tabindex: 0 }, this.branch(0));
  }
  branch(number) {
    const { data } = this.figure, { tokens, texts, after, share, parting } = data.branches[number], all = data.texts.length;
    const words = tokens.map((text) => chip({ text, part: [0, 1] }, true));
    if (number) {
      words[0].title = `chance ${percent(share[0])} of being drawn; the model gave ${percent(share[1])}`;
      this.firsts.push({ e: words[0], chance: share[0], number });
    }
    const mark = parting === null ? null : this.figure.button(`${texts.length} part`, () => this.figure.set({ at: parting }),
      { class: "parting", "aria-label": `Token ${data.partings[parting].step + 1}: ${some(texts.length)} part in ${after.length} ways` });
    if (mark) this.marks[parting] = mark;
    const ends = after.length ? null : h("small", { class: "ends" }, texts.map((text) => data.texts[text].name).join(", "));
    return h("div", { class: number ? "branch" : "root" },
      h("div", { class: "run" }, number ? h("span", { class: "count" }, `${texts.length} of ${all}`) : h("bdi", { class: "prompt", dir: "auto" }, visible(data.prompt)), ...words, mark, ends),
      after.length ? h("div", { class: "after" }, after.map((child) => this.branch(child))) : null);
  }
  show(at) {
    const { data, look } = this.figure, chosen = data.partings[at]?.branch;
    for (const { e, chance, number } of this.firsts) {
      const { back, ink } = look.shade(look.parts.logits, chance * 700);
      Object.assign(e.style, { background: back, color: ink });
      e.classList.toggle("on", chosen !== undefined && data.branches[chosen].after.includes(number));
    }
    this.marks.forEach((mark, i) => mark.setAttribute("aria-pressed", String(i === at)));
  }
}
