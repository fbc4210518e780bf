// Where do two prompts have different numbers of tokens? Both, part above part.

class UnequalPrompts extends Figure {
  title() { return this.data.title; }
  build() {
    const { data } = this, of = (count) => `${count} token${count === 1 ? "" : "s"}`;
    this.body.replaceChildren(h("h2", { class: "leave" }, data.title), h("div", { class: "blocks" }, data.blocks.map(([same, ends]) => {
      const sizes = ends.map(([first, end]) => end - first), row = (i) => h("span", { class: "row" }, data.tokens[i].slice(...ends[i]).map((token) => chip(token, false)), same ? null : h("small", null, ` ${of(sizes[i])}`));
      const unequal = sizes[0] !== sizes[1];
      return h("span", { class: same ? "block" : unequal ? "block unequal" : "block differs", role: "group",
        "aria-label": same ? "the same in both" : data.names.map((name, i) => `${name}: ${of(sizes[i])}`).join(", ") }, same ? row(0) : [row(0), row(1), unequal ? h("span", { class: "mark" }, "not as many") : null]);
    })));
  }
  render() {}
}
export default mount(UnequalPrompts);
