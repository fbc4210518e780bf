// What was written, and what might have been? A trunk and its branches; each branch holds its tokens from where it parts.
// In the link a branch is "parent.step.token": the branch that it leaves, the place of the token that it replaces, and
// the id of the token that stands there instead.

class Story {
  constructor(branches) {
    this.branches = branches;
    this.paths = branches.map((branch, b) => this.walk(branch, b));
    this.children = branches.map((_, b) => branches.flatMap(({ fork }, i) => (fork && fork[0] === b ? [i] : [])));
  }
  // The tokens from the beginning to a branch's end, each with the branch to which it belongs.
  walk(branch, b) {
    const own = branch.tokens.map((token, i) => ({ ...token, branch: b, byHand: Boolean(branch.fork) && !i }));
    return branch.fork && own.length ? [...this.walk(this.branches[branch.fork[0]], branch.fork[0]).slice(0, branch.fork[1]), ...own] : own;
  }
  begins(b) { return this.branches[b].fork?.[1] ?? 0; }
  name(b) { return b ? `branch ${b}` : "trunk"; }
  // From the top down: under a branch first those that part from it last, so that no line crosses a text.
  get order() {
    const under = (b) => [b, ...this.children[b].toSorted((x, y) => this.begins(y) - this.begins(x) || x - y).flatMap(under)];
    return under(0);
  }
  // The branch whose tokens a path has before `step`, and which doesn't begin there: so has every path that parts there.
  stem(b, step) {
    let owner = this.paths[b][step].branch;
    while (this.branches[owner].fork && this.begins(owner) >= step) owner = this.branches[owner].fork[0];
    return owner;
  }
  // A branch that goes on with a token from where a path stands; null if none does.
  at(b, step, id) {
    const found = this.paths.findIndex((path, other) => path[step]?.id === id && this.stem(other, step) === this.stem(b, step));
    return found < 0 ? null : found;
  }
  with(b, step, id) { return written([...this.forks, [this.stem(b, step), step, id]]); }
  get forks() { return this.branches.slice(1).map((branch) => branch.fork); }
  // The link without a branch and all that part from it, and where the others stand then.
  without(b) {
    const gone = new Set([b]), moved = new Map([[0, 0]]), kept = [];
    this.forks.forEach(([parent, step, id], i) => {
      if (gone.has(i + 1) || gone.has(parent)) { gone.add(i + 1); return; }
      moved.set(i + 1, kept.push([moved.get(parent), step, id]));
    });
    return { fork: written(kept), moved };
  }
}
const written = (forks) => forks.map((fork) => fork.join(".")).join(",");
