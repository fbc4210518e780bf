// A step forward is one merge. The browser cuts the text and moves the cursors itself; it asks the server for pair tables
// that it hasn't, before it needs them where it can, and for another part of the text.

const AHEAD = 60; // steps; asked for this long before they are played
const RIVALS = 12;
const SEEK = -1; // instead of a first character: wherever the last merge happens
const SPEEDS = [1, 3, 10, 30, 100]; // merges a second

// The shared player with a choice of speed, a box for a number, and leaps.
class Tape extends Player {
  constructor(figure) {
    super(figure, { last: () => figure.training.last, unit: "merge", pace: 1000 / SPEEDS[1] });
    const speed = h("select", { "aria-label": "Speed", onchange: () => this.hurry(Number(speed.value)) }, SPEEDS.map((n) => h("option", { value: n, selected: n === SPEEDS[1] }, `${n} a second`)));
    this.number = h("input", { type: "number", class: "number", min: 0, "aria-label": "Go to merge", onchange: () => this.go(Math.round(Number(this.number.value)) || 0) });
    this.said.before(h("span", { class: "name" }, "Merge"), this.number);
    this.said.after(speed);
  }
  hurry(speed) {
    this.pace = 1000 / speed;
    if (!this.timer) return;
    this.stop();
    this.toggle();
  }
  // It waits where the pair tables aren't there yet.
  tick() {
    const { state, training } = this.figure;
    if (state.step >= training.last || training.rows.has(state.step + 1)) super.tick();
  }
  refresh() {
    super.refresh();
    this.number.max = this.last();
    this.said.textContent = `of ${plural(this.last(), "merge")}`;
    if (this.number.getRootNode().activeElement !== this.number) this.number.value = this.figure.state.step;
  }
  key(event) {
    const leap = (event.shiftKey ? 100 : 10) * { PageUp: -1, PageDown: 1 }[event.key];
    if (!leap) return super.key(event);
    this.by(leap);
    return true;
  }
}

class MergePlayer extends Figure {
  build() {
    const { training, whole: all, window: near, part, asked, from } = this.data;
    if (!all && this.training?.id !== training) return this.ask(""); // a new figure, while the server thinks of an old one
    if (all && this.training?.id !== training) {
      this.player?.stop();
      this.training = new Training(training, all);
      Object.assign(this, { asked: null, most: 1, curved: null, seeking: false });
      this.frameUp();
      this.set({ step: Math.min(this.state.step, this.training.last), from });
    }
    this.training.add(near);
    this.most = Math.max(this.most, ...near.counts.map((row) => row.filter(Boolean).length)); // rows that the list of rivals needs
    this.rivals.style.height = `${1.9 * this.most}em`;
    this.from = from;
    if (asked === SEEK && this.seeking) {
      this.seeking = false;
      this.set({ from });
    }
    this.sought = asked === SEEK ? this.step : null; // asked again it would find no more
    if (this.part?.training === this.training && this.part.from === from) return undefined;
    this.part = new Part(part, this.training, from);
    this.laid = null;
    this.flow.scrollTop = 0;
    return undefined;
  }
  frameUp() {
    const { training } = this, c = (this.controls = {});
    this.player = new Tape(this);
    this.bar.replaceChildren(this.player.parts, (this.spaces = this.check("spaces", "show spaces")));
    this.saver ??= this.actions.appendChild(this.button("Save this step as JSON", () => this.saveState()));

    this.head = h("h2");
    this.sub = h("p", { class: "sub" });
    this.rivals = h("ol", { class: "rivals" });
    this.ties = h("p", { class: "ties" });
    this.flow = h("div", { class: "flow", tabindex: 0, role: "group", "aria-label": "The text as it is cut now", onpointerover: (e) => this.hover(e), onpointerleave: () => this.readout() });
    this.where = h("p", { class: "sub" });
    this.read = h("p", { class: "readout" });
    c.from = h("input", { type: "range", min: 0, max: Math.max(training.characters - 1, 0), "aria-label": "First character of the part shown", onchange: () => this.set({ from: Number(c.from.value) }) });
    c.earlier = this.button("Earlier", () => this.set({ from: Math.max(0, this.part.first - SHOWN) }));
    c.later = this.button("Later", () => this.set({ from: this.part.stop }));
    c.seek = this.button("Find the new token", () => this.seek());
    this.curves = [new Curve("Vocabulary", training.sizes, (step) => this.player.go(step)), new Curve("Tokens in the corpus", training.tokens, (step) => this.player.go(step))];
    this.merges = new Merges(training, (step) => this.player.go(step), (id) => chip(training.token(id), true));
    this.body.setAttribute("tabindex", 0);
    this.body.setAttribute("role", "group");
    this.body.setAttribute("aria-label", "Merge player. Space plays, arrow keys step.");
    this.body.replaceChildren(
      h("header", { class: "now" }, this.head, this.sub),
      h("div", { class: "columns" },
        h("section", { class: "text" }, h("h3", null, "The text"), this.where, this.flow, this.read, (this.parts = h("div", { class: "control leave parts" }, c.earlier, c.from, c.later, c.seek))),
        h("section", { class: "next" }, h("h3", null, "What is merged next"), this.rivals, this.ties)),
      h("div", { class: "columns below" }, h("div", { class: "both" }, this.curves.map((curve) => curve.e)), h("section", null, h("h3", null, "All merges"), this.merges.box)),
      h("p", { class: "keys leave" }, "Keys: Space plays · ← → one merge · Page Up, Page Down ten, with Shift a hundred · Home, End"));
  }
  destroy() {
    this.player?.stop();
    clearTimeout(this.waiting);
    clearTimeout(this.saying);
    super.destroy();
  }

  // ---- where we are
  get size() { return [this.width, this.em].join(); }
  get step() { return Math.min(this.state.step, this.training.last); }
  key(event) { return this.player?.key(event); }

  // ---- what only the server knows
  need() {
    const { rows, last } = this.training, { step } = this;
    const missing = [step, Math.min(step + AHEAD, last), Math.max(step - AHEAD / 2, 0)].some((k) => !rows.has(k));
    if (this.seeking || (!missing && this.from === this.state.from)) return;
    clearTimeout(this.waiting);
    if (this.player.timer) this.ask(this.training.id);
    else this.waiting = setTimeout(() => this.ask(this.training.id), 120); // a hand that scrubs goes on
  }
  seek() {
    this.seeking = true;
    this.asked = null;
    this.send("around", { training: this.training.id, step: this.step, from: SEEK });
    this.draw();
  }
  ask(training) {
    const step = this.training ? this.step : this.state.step, asked = { training, step, from: this.state.from };
    const about = [training, Math.floor(step / 20), asked.from].join();
    if (about === this.asked) return undefined;
    this.asked = about;
    return this.send("around", asked);
  }

  // ---- the picture
  render() {
    const { training, part } = this;
    if (!training || !part) return;
    const k = this.step, row = training.rows.get(k);
    this.player.refresh();
    this.spaces.firstChild.checked = this.state.spaces === 1;
    this.merges.show(k, this.em); // first: it asks where it is scrolled to, which costs a layout once others have written
    this.headline(k);
    this.pairs(k, row);
    this.text(k);
    const units = training.unit;
    if (this.curved !== this.size) this.curves.forEach((curve) => curve.lay(curve.e.clientWidth, this.em));
    this.curved = this.size;
    this.curves[0].show(k, `${whole(training.sizes[k])} tokens`);
    this.curves[1].show(k, `${whole(training.tokens[k])}: ${training.letters(k).toFixed(2)} ${units} in each`);
    this.need();
    clearTimeout(this.saying);
    if (!this.player.timer && k !== this.last) this.saying = setTimeout(() => this.say(this.head.textContent), 500);
    this.last = k;
  }
  chip(id) { return chip(this.training.token(id), true); }
  headline(k) {
    const { left, right, made, counts, last } = this.training;
    if (!k) this.head.replaceChildren(`Before the first merge: every token is one ${this.training.unit === "bytes" ? "byte" : "character"}`);
    else this.head.replaceChildren(`Merge ${whole(k)}: `, this.chip(left[k - 1]), " + ", this.chip(right[k - 1]), " → ", this.chip(made[k - 1]), `, ${times(counts[k - 1])} in the corpus`);
    this.sub.textContent = `${this.training.title} · ${whole(k)} of ${whole(last)} merges made`;
  }
  pairs(k, row) {
    const { left, right, counts, last } = this.training;
    const known = row?.pairs ?? (k < last ? [{ left: left[k], right: right[k], count: counts[k] }] : []);
    const most = known[0]?.count ?? 1;
    this.rivals.replaceChildren(...known.slice(0, RIVALS).map((pair, i) => h("li", { class: i ? null : "first" },
      h("span", { class: "sign" }, i ? (pair.count === most ? "tie" : "") : k < last ? "next" : "most"),
      h("span", { class: "pair" }, this.chip(pair.left), this.chip(pair.right)),
      h("span", { class: "bar" }, h("i", { style: `width:${(100 * pair.count) / most}%` })), h("span", { class: "count" }, whole(pair.count)))));
    this.ties.textContent = row ? this.why(k, row) : "Fetching its rivals …";
  }
  // Why the first pair wins, as the library has it.
  why(k, { pairs, ties, distinct }) {
    if (!pairs.length) return "No two tokens stand side by side in a word any more: every word is a single token.";
    const [first, second] = pairs, name = (id) => `“${tokenText(this.training.token(id), true)}” (id ${id})`, all = `Of ${plural(distinct, "different pair")}`;
    const end = k < this.training.last ? "" : " No further merge was made.";
    if (ties < 2) return `${all}, this one stands most often: ${times(first.count)}.${end}`;
    const which = first.left !== second?.left ? `whose left token is older: ${name(first.left)}` : `with the older right token, as their left ones are the same: ${name(first.right)}`;
    return `${all}, ${ties} stand ${times(first.count)}. In a tie the library takes the one ${which}.${end}`;
  }
  text(k) {
    const { training, part, flow } = this, spaces = this.state.spaces === 1, laid = [this.size, spaces].join();
    if (this.laid !== laid) {
      this.laid = laid;
      this.drawn = [];
      flow.replaceChildren();
      flow.style.height = "";
      this.pieces(part.cut(0), spaces);
      flow.style.height = `${flow.offsetHeight}px`; // it is longest before the first merge: below it nothing moves
    }
    const groups = part.cut(k);
    this.pieces(groups, spaces);
    const lit = groups.reduce((sum, group) => sum + group.tokens.filter((t) => t.lit).length, 0);
    const { first, stop } = part;
    if (lit && (!this.player.timer || this.player.pace > 100)) this.bring(flow.querySelector(".lit"));
    this.where.textContent = !groups.length ? "Nothing but white space here." : `Characters ${whole(first + 1)} to ${whole(stop)} of ${whole(training.characters)}${!k ? "" : lit ? `; lit: ${plural(lit, "token")} of merge ${whole(k)}` : `; merge ${whole(k)} made none here`}${this.from === this.state.from && !this.seeking ? "" : " · fetching …"}`;
    const { earlier, later, from, seek } = this.controls;
    seek.disabled = !k || lit > 0 || this.seeking || this.sought === k;
    earlier.disabled = first === 0;
    later.disabled = stop >= training.characters;
    if (this.root.getRootNode().activeElement !== from) from.value = this.state.from;
    this.parts.hidden = training.characters <= SHOWN;
    this.readout();
  }
  // The first token that is lit comes into sight, if it isn't there.
  bring(lit) {
    const frame = this.flow.getBoundingClientRect(), box = lit.getBoundingClientRect();
    if (box.top < frame.top || box.bottom > frame.bottom) this.flow.scrollTop += box.top - frame.top - frame.height / 3;
  }
  // Only the words that have changed are made again.
  pieces(groups, spaces) {
    groups.forEach((group, i) => {
      const key = group.tokens.map((t) => `${t.node}${t.lit ? "*" : ""}${t.part[1] > 1 ? `${t.part}${t.text}` : ""}`).join(" ");
      if (this.drawn[i] === key) return;
      this.drawn[i] = key;
      const word = h("span", { class: group.tokens[0].id < 0 ? "gap" : "word" }, group.tokens.flatMap((t) => this.piece(t, spaces)));
      if (this.flow.children[i]) this.flow.children[i].replaceWith(word);
      else this.flow.append(word);
    });
  }
  piece(token, spaces) {
    if (token.id < 0) return /\n/.test(token.text) ? h("br") : " ";
    const e = chip({ ...token, kind: "text" }, spaces);
    if (token.lit) e.classList.add("lit");
    if (this.training.ends(token.id)) e.append(h("small", null, this.training.mark));
    e.dataset.id = token.id;
    return token.text.includes("\n") && token.part[0] === token.part[1] - 1 ? [e, h("br")] : e;
  }
  hover(e) {
    const id = e.target.closest?.(".tok")?.dataset.id;
    this.readout(id == null ? null : Number(id));
  }
  readout(id = null) {
    this.read.classList.toggle("leave", id == null);
    if (id == null) { this.read.textContent = "Point at a token to see where it comes from."; return; }
    const { training } = this, token = training.token(id), step = training.makers.get(id);
    this.read.replaceChildren(chip(token, true), ` id ${id} · ${cut(`bytes ${token.hex}`, 60)} · `,
      ...(step == null ? ["there from the beginning"] : [`made by merge ${whole(step + 1)}: `, this.chip(training.left[step]), " + ", this.chip(training.right[step])]));
  }

  // ---- what is taken away
  title() { return `BPE on ${this.training.title}, merge ${this.step}`; }
  facts() { return this.training.facts; }
  saveState() {
    const { training, part } = this, k = this.step, row = training.rows.get(k), named = (id) => { const { text, hex } = training.token(id); return { id, text, bytes: hex }; };
    if (!row) return this.say("The pair counts of this step are on their way.");
    const made = k ? { left: named(training.left[k - 1]), right: named(training.right[k - 1]), made: named(training.made[k - 1]), count: training.counts[k - 1] } : null;
    const tokens = part.cut(k).flatMap((group) => group.tokens).filter((t) => t.id >= 0).map((t) => ({ ...named(t.id), characters: [part.start + t.start, part.start + t.end] }));
    const state = { "made by": "Orrery", about: training.facts, step: k, steps: training.last, merge: made, vocabulary: training.sizes[k], "tokens in the corpus": training.tokens[k],
      pairs: row.pairs.map(({ left, right, count }) => ({ left: named(left), right: named(right), count })), ties: row.ties, "distinct pairs": row.distinct, text: { "first character": part.first, tokens } };
    return download(new Blob([JSON.stringify(state, null, 1)], { type: "application/json" }), `${this.title()}.json`);
  }
}

const plural = (count, thing) => `${whole(count)} ${thing}${count === 1 ? "" : "s"}`;
const times = (count) => (count === 1 ? "once" : plural(count, "time"));

export default mount(MergePlayer);
