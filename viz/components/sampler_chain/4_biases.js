// How are tokens found, by their text or id, and a bias put on their logits?

const MOST_BIASES = 20, OFFERED = 7;

class Biases {
  constructor(figure) {
    this.figure = figure;
    this.list = h("div", { class: "biases" });
    this.box = h("input", { type: "text", class: "find", placeholder: "token or id", "aria-label": "Find a token by its text or id", autocomplete: "off",
      oninput: () => this.offer(), onkeydown: (e) => { if (e.key === "Enter") this.take(); else if (e.key === "Escape") this.clear(); } });
    this.offers = h("div", { class: "offers", hidden: true });
    this.part = h("div", { class: "pair find-one" }, this.list, this.box, this.offers);
    this.rows = new Map();
  }
  // Ids of tokens: those whose text is what was typed, with a space before it too, then those that begin with it.
  found(typed) {
    const { texts } = this.figure.data, same = [], begin = [];
    if (/^\d+$/.test(typed) && Number(typed) < texts.length) same.push(Number(typed));
    for (let id = 0; id < texts.length; id++) {
      if (texts[id] === typed || texts[id] === ` ${typed}`) same.push(id);
      else if (begin.length < OFFERED && (texts[id].startsWith(typed) || texts[id].startsWith(` ${typed}`))) begin.push(id);
    }
    return [...new Set([...same, ...begin])].slice(0, OFFERED);
  }
  offer() {
    const typed = this.box.value, ids = typed ? this.found(typed) : [];
    this.offers.replaceChildren(...ids.map((id) => this.figure.button("", () => this.add(id), { "aria-label": `Bias on token ${id}` })));
    ids.forEach((id, i) => this.offers.children[i].append(chip(this.figure.token(id), true), h("small", null, ` ${id}`)));
    this.offers.hidden = !ids.length;
  }
  take() {
    const [id] = this.found(this.box.value);
    if (id === undefined) this.figure.tell(`No token begins with “${cut(this.box.value, 40)}”; type another text, or an id from 0 to ${many(this.figure.data.texts.length - 1)}.`);
    else this.add(id);
  }
  add(id) {
    const bias = biasOf(this.figure.state.logit_bias);
    if (bias.size >= MOST_BIASES) { this.figure.tell(`At most ${MOST_BIASES} tokens can have a bias; take one out first.`); return; }
    if (!bias.has(id)) bias.set(id, 5);
    this.clear();
    this.figure.set({ logit_bias: biasText(bias), token: id });
  }
  clear() {
    this.box.value = "";
    this.offers.hidden = true;
  }
  change(id, value) {
    const bias = biasOf(this.figure.state.logit_bias);
    if (value === null) bias.delete(id);
    else bias.set(id, value);
    this.figure.set({ logit_bias: biasText(bias) });
  }
  row(id) {
    const box = h("input", { type: "text", inputmode: "decimal", class: "value", "aria-label": `Bias on token ${id}`, onchange: () => {
      const value = Number(box.value.trim().replace("−", "-"));
      if (box.value.trim() && Number.isFinite(value) && Math.abs(value) <= 1e9) this.change(id, value);
      else { this.figure.tell("A bias must be a number from −1,000,000,000 to 1,000,000,000."); this.refresh(); }
    } });
    return { box, part: h("div", { class: "bias" }, chip(this.figure.token(id), true), box, this.figure.button("×", () => this.change(id, null), { class: "plain leave", "aria-label": `No bias on token ${id}` })) };
  }
  refresh() {
    const bias = biasOf(this.figure.state.logit_bias), ids = [...bias.keys()];
    if (ids.join() !== [...this.rows.keys()].join() || this.texts !== this.figure.data.texts) {
      this.texts = this.figure.data.texts;
      this.rows = new Map(ids.map((id) => [id, this.row(id)]));
      this.list.replaceChildren(...[...this.rows.values()].map((row) => row.part));
    }
    const active = this.figure.root.getRootNode().activeElement;
    for (const [id, { box }] of this.rows) if (active !== box) box.value = said(bias.get(id));
  }
}
