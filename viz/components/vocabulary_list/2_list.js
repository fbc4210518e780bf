// How does one look through a vocabulary? A search, two filters, and a list of which only the rows in sight are built.

const HEADS = [["id", "Id", "by id"], ["text", "Token", "by alphabet"], [null, "Bytes"], ["length", "Characters", "the longest first"], [null, "Script"], [null, "Kind"]];
const FILTERS = { all: "everything", text: "text", byte: "single bytes", added: "added", special: "special", unreachable: "no merge reaches it", split: "split again" };
const KIND_NAMES = { text: "text", byte: "single byte", added: "added", special: "special" };
const REMARKS = {
  byte: "Stands for one byte.",
  added: "Added: found in the text as a whole, before anything is merged.",
  special: "Special: never made of letters. A chat template or the tokenizer itself puts it in.",
};
const many = (n) => n.toLocaleString("en-US");
const plural = (n, word) => `${many(n)} ${word}${n === 1 ? "" : "s"}`;

class VocabularyList extends Figure {
  title() { return `Vocabulary of ${this.data.title}`; }
  facts() { return [this.counted.textContent, ...this.data.facts]; }

  build() {
    const entries = (this.entries = new Entries(this.data));
    if (!entries.names.includes(this.state.script)) this.state.script = "all"; // another tokenizer's
    const named = (words, field) => h("label", { class: "field" }, h("span", { class: "name" }, words), field);
    this.input = h("input", { type: "search", placeholder: "text, id or 0xE2", spellcheck: "false", autocomplete: "off", maxlength: "200", oninput: () => this.set({ search: this.input.value }) });
    this.input.addEventListener("keydown", (e) => { if (e.key === "ArrowDown") { e.preventDefault(); this.list.focus(); this.step(0); } });
    const option = (value, words, n) => h("option", { value }, n === null ? words : `${words} (${many(n)})`);
    this.kind = h("select", { onchange: () => this.set({ kind: this.kind.value }) }, Object.entries(FILTERS).map(([name, words]) => option(name, words, entries.count(name))));
    const sizes = new Map();
    for (const s of entries.scripts) sizes.set(s, (sizes.get(s) ?? 0) + 1);
    this.script = h("select", { onchange: () => this.set({ script: this.script.value }) }, option("all", "every script", null), entries.names.map((name, s) => option(name, name, sizes.get(s))));
    this.bar.replaceChildren(named("Search", this.input), named("Show", this.kind), named("Script", this.script));

    this.counted = h("p", { class: "sub" });
    this.heads = h("div", { class: "entry heads", role: "row" }, HEADS.map(([sort, words, how]) => {
      const head = h("div", { role: "columnheader", "data-sort": sort }, words);
      if (sort) head.replaceChildren(this.button(words, () => this.set({ sort }), { class: "plain", tabindex: "-1", title: `Sort ${how}` }));
      return head;
    }));
    this.space = h("div", { class: "space", role: "presentation" });
    this.none = h("p", { class: "none", hidden: true });
    this.list = h("div", { class: "list", role: "grid", tabindex: "0", "aria-label": `Entries of the vocabulary of ${this.data.title}` }, this.heads, this.space);
    this.list.addEventListener("scroll", () => { this.scrolling ||= requestAnimationFrame(() => { this.scrolling = 0; this.paint(); }); });
    this.list.addEventListener("click", (e) => { const row = e.target.closest("[data-place]"); if (row) this.choose(Number(row.dataset.place)); });
    this.list.addEventListener("pointerover", (e) => { const row = e.target.closest("[data-place]"); this.tell(row ? Number(row.dataset.place) : null); });
    this.list.addEventListener("pointerleave", () => this.tell(null));
    this.readout = h("div", { class: "readout" });
    this.body.replaceChildren(h("h2", null, this.title()), this.counted, this.list, this.none, this.readout);
    this.asked = null;
  }

  render() {
    const { search, kind, script, sort } = this.state, asked = JSON.stringify([search, kind, script, sort]);
    if (this.input.value !== search) this.input.value = search;
    this.kind.value = kind;
    this.script.value = script;
    for (const head of this.heads.children) if (head.dataset.sort) head.setAttribute("aria-sort", head.dataset.sort === sort ? (sort === "length" ? "descending" : "ascending") : "none");
    const row = Math.round(2.05 * this.em), fresh = asked !== this.asked || row !== this.row;
    this.row = row;
    if (fresh) {
      this.asked = asked;
      this.found = this.entries.find(this.state);
      this.at = this.found.indexOf(this.entries.place(this.state.entry ?? -1));
      this.space.style.height = `${this.found.length * row}px`;
      this.body.style.setProperty("--row", `${row}px`);
      this.list.setAttribute("aria-rowcount", this.found.length + 1);
      this.counted.textContent = this.sentence();
      this.none.textContent = this.empty();
      this.none.hidden = this.found.length > 0;
      this.list.hidden = !this.found.length;
      this.list.scrollTop = 0;
      if (this.at >= 0) this.reveal();
      clearTimeout(this.saying);
      this.saying = setTimeout(() => this.say(this.counted.textContent), 500);
    }
    this.paint();
    this.tell(null);
  }
  // What is on show, as a sentence.
  sentence() {
    const { search, kind, script, sort } = this.state, n = this.found.length, all = this.entries.size, bytes = bytesOf(search), bits = [];
    if (kind !== "all") bits.push(FILTERS[kind]);
    if (script !== "all") bits.push(script);
    if (search) bits.push(bytes ? `with the bytes ${bytes.map((b) => b.toString(16).padStart(2, "0")).join(" ")}` : `with “${cut(search, 40)}”`);
    const how = { id: "by id", length: "the longest first", text: "by alphabet" }[sort];
    return `${bits.length ? `${many(n)} of ` : ""}${many(all)} entries${bits.length ? `: ${bits.join(", ")}` : ""} · ${how}`;
  }
  empty() {
    const { kind, search, script } = this.state;
    if (kind === "unreachable" && !this.entries.unreachable) return "This is not a BPE: its entries are looked up whole and not merged, so there is nothing that merging could fail to reach.";
    if (kind === "split" && !this.entries.split) return "This is not asked of this tokenizer: only of byte-level ones that Orrery itself offers, where an entry stands for the same bytes wherever it stands.";
    if (!search && script === "all" && kind === "unreachable") return "None: every entry is reached by merging its own letters.";
    if (!search && script === "all" && kind === "split") return "None: every entry of whole characters comes back when its own text is tokenized.";
    if (kind === "all" && script === "all") return "No such entry. A text that isn't in the vocabulary is written with several tokens.";
    return "No such entry; choose other filters or search for something else.";
  }

  // The rows in sight; those that are only partly there stay out of a saved picture.
  paint() {
    if (this.list.hidden) return;
    const top = this.list.scrollTop, room = this.list.clientHeight - this.heads.offsetHeight;
    const first = Math.floor(top / this.row), last = Math.min(this.found.length, Math.ceil((top + room) / this.row)), rows = [];
    for (let at = first; at < last; at++) {
      const i = this.found[at], token = this.entries.token(i), whole = at * this.row >= top - 1 && (at + 1) * this.row <= top + room + 1;
      rows.push(h("div", { class: `entry${at === this.at ? " on" : ""}${whole ? "" : " leave"}`, role: "row", id: `row-${i}`, "data-place": i, "aria-rowindex": at + 2, "aria-selected": at === this.at ? "true" : "false", style: `top:${at * this.row}px` },
        [token.id, chip(token, true), h("code", null, cut(token.hex, 34)), many(this.entries.lengths[i]), this.entries.script(i), this.tags(i)].map((cell) => h("div", { role: "gridcell" }, cell))));
    }
    this.space.replaceChildren(...rows);
    const active = this.at >= first && this.at < last ? `row-${this.found[this.at]}` : null;
    if (active) this.list.setAttribute("aria-activedescendant", active); else this.list.removeAttribute("aria-activedescendant");
  }
  tags(i) {
    const id = this.entries.ids[i], bits = [KIND_NAMES[this.entries.kind(i)]];
    if (this.entries.unreachable?.has(id)) bits.push("unreachable");
    if (this.entries.split?.has(id)) bits.push("split");
    return bits.join(", ");
  }
  // All about one entry: the one pointed at, else the chosen one.
  tell(over) {
    const i = over ?? this.entries.place(this.state.entry ?? -1);
    if (i < 0) { this.readout.replaceChildren(h("p", { class: "quiet" }, "Point at a row, or step through the list with the arrow keys.")); return; }
    const token = this.entries.token(i), n = this.entries.lengths[i], remarks = [], bytes = token.hex ? token.hex.split(" ").length : 0;
    if (REMARKS[token.kind]) remarks.push(REMARKS[token.kind]);
    if (i in this.entries.odd) remarks.push("Its bytes are no whole characters: its neighbours complete them.");
    if (this.entries.unreachable?.has(token.id)) remarks.push("No merge reaches it: merging its letters never ends in it.");
    if (this.entries.split?.has(token.id)) remarks.push("Its own text is cut or rewritten before it is merged, and gives other tokens.");
    this.readout.replaceChildren(
      h("p", null, chip(token, true), ` id ${token.id} · ${this.entries.script(i)} · ${KIND_NAMES[token.kind]}`),
      h("p", null, `piece ${cut(token.piece, 60)} · ${plural(bytes, "byte")} ${cut(token.hex, 90)} · ${plural(n, "character")}${i in this.entries.odd ? (n === 1 ? " begins in it" : " begin in it") : ""}`),
      h("p", { class: "quiet" }, remarks.join(" ")));
  }

  // ---- stepping
  choose(i) {
    this.at = this.found.indexOf(i);
    this.set({ entry: this.entries.ids[i] });
  }
  step(by) {
    if (!this.found.length) return;
    const from = this.at < 0 && by > 0 ? -1 : Math.max(0, this.at);
    this.at = Math.min(this.found.length - 1, Math.max(0, from + by));
    this.reveal();
    this.set({ entry: this.entries.ids[this.found[this.at]] });
  }
  reveal() {
    const top = this.at * this.row, room = this.list.clientHeight - this.heads.offsetHeight;
    if (top < this.list.scrollTop) this.list.scrollTop = top;
    else if (top + this.row > this.list.scrollTop + room) this.list.scrollTop = top + this.row - room;
  }
  key({ key }) {
    const page = Math.max(1, Math.floor(this.list.clientHeight / this.row) - 2);
    const by = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity }[key];
    if (by === undefined) return false;
    this.step(by);
    return true;
  }
}
export default mount(VocabularyList);
