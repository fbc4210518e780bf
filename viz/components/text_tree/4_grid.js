// What does the tree look like? A row for each branch and a column for each step: a branch begins under the token that it
// replaces. Where nothing parts for long, the columns between are folded into one.

const UNFOLDED = 36, BEFORE = 2, AFTER = 5, BLOCK = 8; // columns drawn in any case; kept before and behind a fork; round the step

class Grid {
  constructor(figure) {
    this.figure = figure;
    this.grid = h("div", { class: "grid" });
    this.box = h("div", { class: "tree", tabindex: 0, role: "group", "aria-label": "The tree: a row for each branch; scrolls sideways", onclick: (e) => this.click(e) }, this.grid);
    this.hint = h("p", { class: "quiet" });
    this.parts = h("section", { class: "trees" }, h("h3", null, "What might have been"), this.hint, this.box);
  }
  // Which steps have a column, and how many are folded into one before each.
  columns() {
    const { story, state } = this.figure, last = Math.max(...story.paths.map((path) => path.length));
    const here = Math.floor(state.step / BLOCK) * BLOCK; // walking doesn't draw all anew with each step
    const marks = [0, here, here + BLOCK - 1, last - 1, ...story.branches.flatMap((_, b) => [story.begins(b), story.paths[b].length - 1])];
    const near = (step) => marks.some((mark) => step >= mark - BEFORE && step <= mark + AFTER);
    const kept = Array.from({ length: last }, (_, step) => step).filter((step) => last <= UNFOLDED || near(step));
    return kept.map((step, i) => ({ step, folded: step - (i ? kept[i - 1] + 1 : 0) }));
  }
  show() {
    const { figure } = this, { story, state } = figure;
    this.hint.hidden = story.branches.length > 1 && !figure.full;
    this.hint.textContent = figure.full ? `A tree has at most ${figure.data.most} branches; remove one to grow another.`
      : "Nothing parts from this text yet. Choose a token, then “branch” beside another: the text goes on from there.";
    this.box.hidden = story.branches.length < 2;
    if (this.box.hidden) return;
    const columns = this.columns(), drawn = JSON.stringify([columns.length, columns.map((c) => c.step), state.branch, figure.look.name]);
    if (drawn !== this.drawn || story !== this.story) {
      Object.assign(this, { drawn, story });
      this.fill(columns);
    }
    for (const e of this.grid.querySelectorAll("[data-step]")) e.classList.toggle("now", Number(e.dataset.step) === state.step && figure.path[state.step]?.branch === Number(e.dataset.branch));
    const now = this.grid.querySelector(".now"), left = this.grid.querySelector(".row-name").offsetWidth;
    if (now && (now.offsetLeft < this.box.scrollLeft + left || now.offsetLeft + now.offsetWidth > this.box.scrollLeft + this.box.clientWidth)) this.box.scrollLeft = now.offsetLeft - left - 24;
  }
  fill(columns) {
    const { figure } = this, { story } = figure, parts = [], order = story.order, row = new Map(order.map((b, i) => [b, i + 1]));
    const place = new Map(); // step -> column of the grid
    let column = 2;
    for (const { step, folded } of columns) {
      if (folded) column += 1;
      place.set(step, column++);
    }
    for (const b of order) {
      const branch = story.branches[b], begins = story.begins(b), path = story.paths[b], chosen = b === figure.state.branch;
      const name = figure.button(story.name(b), () => figure.choose(b, path.length ? Math.min(figure.state.step, path.length - 1) : figure.state.step), { class: "plain", "aria-current": String(chosen) });
      const remove = b ? figure.button("×", () => figure.remove(b), { "aria-label": `Remove ${story.name(b)}`, class: "leave remove" }) : null;
      parts.push(h("div", { class: chosen ? "row-name on" : "row-name", style: `grid-row:${row.get(b)};grid-column:1` }, name, remove));
      if (branch.problem) parts.push(h("div", { class: "problem quiet", style: `grid-row:${row.get(b)};grid-column:2 / -1` }, branch.problem));
      if (!branch.tokens.length) continue;
      if (branch.fork) parts.push(h("div", { class: "stem", style: `grid-column:${place.get(begins)};grid-row:${row.get(branch.fork[0]) + 1} / ${row.get(b) + 1}` }));
      for (const { step, folded } of columns) {
        const token = path[step];
        if (folded && step > begins && step - folded < path.length) parts.push(h("div", { class: "fold quiet", style: `grid-row:${row.get(b)};grid-column:${place.get(step) - 1}`, title: `${folded} tokens` }, `… ${folded} …`));
        if (!token || step < begins) continue;
        const words = figure.text.shaded(chip({ ...NO_PARTS, ...token }, false), token.p);
        words.classList.toggle("forked", token.byHand);
        parts.push(h("div", { class: "cell", "data-step": step, "data-branch": b, style: `grid-row:${row.get(b)};grid-column:${place.get(step)}` }, words));
      }
    }
    this.grid.style.gridTemplateColumns = `max-content repeat(${column - 2}, max-content)`;
    this.grid.replaceChildren(...parts);
  }
  click(event) {
    const cell = event.target.closest("[data-step]");
    if (cell) this.figure.choose(Number(cell.dataset.branch), Number(cell.dataset.step));
  }
}
