// What does a model write, and what might it have written? One path through the tree at a time: its text, the
// alternatives of one of its tokens, the tree, and what code would get.

const TWO = 48; // em, for the text and the alternatives side by side

class TextTree extends Figure {
  constructor(parent) {
    super(parent);
    this.player = new Player(this, { unit: "token", pace: 500, last: () => Math.max(0, this.path.length - 1) });
    this.undo = this.button("Undo branch", () => this.remove(this.story.branches.length - 1));
    this.bar.append(this.player.parts, this.undo);
  }
  destroy() {
    this.player.stop();
    super.destroy();
  }
  get focused() { return this.root.getRootNode().activeElement; }
  build() {
    this.held = this.body.contains(this.focused); // what is focused is drawn anew: the keys go on with the text
    this.story = new Story(this.data.branches);
    this.text = new Text(this);
    this.column = new Column(this);
    this.grid = new Grid(this);
    this.comparison = new Comparison(this);
    this.bits = h("p", { class: "bits quiet" });
    this.call = h("code");
    this.returned = h("pre", { tabindex: 0, "aria-label": "The text that the code returns" });
    this.body.replaceChildren(this.text.read,
      h("div", { class: "columns" }, h("div", { class: "main" }, this.text.parts, this.bits), this.column.parts),
      this.grid.parts, this.comparison.parts,
      h("section", null, h("div", { class: "returning" }, h("h3", null, "What code gets"), this.check("return_full_text", "return_full_text")), h("p", { class: "call" }, this.call), this.returned));
    this.checked = this.body.querySelector(".returning input");
    this.checked.closest("label").classList.add("leave");
  }
  get full() { return this.story.branches.length > this.data.most; }
  get path() { return this.story.paths[this.shown]; }
  // The branch on show: the chosen one, or the trunk while that isn't there yet.
  get shown() { return this.story.paths[this.state.branch]?.length ? this.state.branch : 0; }

  render() {
    const { data, state, path, shown, focused } = this, last = path.length - 1, step = Math.min(state.step, last), full = state.return_full_text === 1;
    if (step !== state.step && shown === state.branch) { this.set({ step }); return; } // of another text
    this.root.classList.toggle("wide", this.width >= TWO * this.em);
    this.player.refresh();
    this.player.said.textContent = `token ${step + 1} of ${path.length}`;
    this.player.range.setAttribute("aria-valuetext", this.player.said.textContent);
    this.undo.disabled = this.story.branches.length < 2;
    this.text.show(path, shown);
    this.column.show(path, shown, step);
    this.grid.show();
    this.comparison.show();
    const branch = this.story.branches[shown];
    this.bits.textContent = this.sum(path, step);
    this.checked.checked = full;
    this.call.textContent = data.call.replace("RETURNED", full ? "True" : "False");
    this.returned.textContent = branch.returned[Number(full)];
    const said = `${this.story.name(shown)}, token ${step + 1} of ${path.length}: ${tokenText(path[step], true)}, probability ${probability(path[step].p)}`;
    if (said !== this.said && this.said && !this.player.timer) this.say(said);
    this.said = said;
    if (this.held || (focused && !focused.isConnected)) this.text.list.focus({ preventScroll: true });
    this.held = false;
  }
  sum(path, step) {
    const bits = path.slice(0, step + 1).reduce((total, { p }) => total + Math.log2(p), 0);
    return `Up to here the model holds this text for as probable as ${probability10(bits)}: ${number(-bits)} bits of surprise, ${number(-bits / (step + 1))} a token.`;
  }
  title() { return this.data.title; }

  // ---- branches
  choose(branch, step) {
    this.player.stop();
    this.set({ branch, step: Math.min(step, Math.max(0, this.story.paths[branch].length - 1)) });
  }
  fork(step, id) {
    if (!this.full) this.ask({ fork: this.story.with(this.shown, step, id), branch: this.story.branches.length, step });
  }
  remove(b) {
    const { fork, moved } = this.story.without(b), parent = this.story.branches[b].fork[0];
    this.ask({ fork, branch: moved.get(this.state.branch) ?? moved.get(parent) ?? 0, step: this.state.step });
  }
  // Only a model can tell how the text goes on, and only the page knows it.
  ask(wish) {
    this.player.stop();
    this.set(wish);
    this.send("asked", wish);
  }
  key(event) {
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!by) return this.player.key(event);
    const order = this.story.order.filter((b) => this.story.paths[b].length), next = order[order.indexOf(this.shown) + by];
    if (next === undefined) return false;
    this.choose(next, this.state.step);
    return true;
  }
}

export default mount(TextTree);
