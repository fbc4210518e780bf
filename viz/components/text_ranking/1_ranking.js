// Which texts come first, and how far ahead? Lists of texts, each with a bar and its number.

class TextRanking extends Figure {
  title() { return this.data.title; }
  build() {
    const { data } = this;
    this.body.replaceChildren(h("h2", { class: "leave" }, data.title), ...data.lead.map((sentence) => h("p", { class: "lead" }, sentence)),
      h("div", { class: "groups" }, ...data.groups.map((group) => this.group(group))));
  }
  render() {}
  group({ name, about, words, rows }) {
    const head = (words, kind) => h("th", { scope: "col", class: kind }, words);
    return h("section", null,
      h("h3", null, h("bdi", null, visible(name)), about && h("span", { class: "quiet" }, ` ${about}`)),
      words.length ? h("p", { class: "words" }, ...words.flatMap((word) => [h("bdi", { class: "tok" }, visible(word)), " "])) : null,
      rows.length ? h("table", null, h("caption", { class: "hidden" }, `${name}: texts by ${this.data.measure}`),
        h("thead", null, h("tr", null, head(this.data.measure, "value"), head("Text"))),
        h("tbody", null, ...rows.map((row) => this.row(row)))) : null);
  }
  row({ texts, value, note }) {
    const { low, high } = this.data, at = (x) => (100 * (Math.min(x, high) - low)) / (high - low);
    const bar = h("span", { class: "bar", style: `left:${at(Math.min(0, value))}%;width:${Math.abs(at(value) - at(0))}%` });
    const zero = low < 0 ? h("span", { class: "zero", style: `left:${at(0)}%` }) : null;
    return h("tr", null,
      h("td", { class: "value" }, h("span", { class: "figure" }, value.toFixed(3).replace("-", "−")), h("span", { class: "track", "aria-hidden": "true" }, bar, zero)),
      h("td", null, ...texts.map(([place, text]) => h("p", null, h("small", null, place.toLocaleString("en")), h("bdi", { dir: "auto" }, visible(text)))),
        note ? h("p", { class: "quiet note" }, visible(note)) : null));
  }
}

export default mount(TextRanking);
