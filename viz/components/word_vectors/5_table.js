// How often is a published list of analogies answered as it says? Category by category, and in all.

class Accuracy {
  constructor(figure) {
    const { data } = figure, share = (right, asked) => (asked ? `${((right / asked) * 100).toFixed(1)}%` : "–");
    const row = ([name, right, asked, skipped], kind) => h("tr", { class: kind }, h("th", { scope: "row" }, name),
      h("td", { class: "amount" }, h("span", { class: "meter" }, h("i", { style: `width:${asked ? (right / asked) * 100 : 0}%` }))), h("td", { class: "number" }, share(right, asked)),
      h("td", { class: "number quiet" }, `${whole(right)} of ${whole(asked)}`), h("td", { class: "number quiet rest" }, skipped ? `${whole(skipped)} left out` : ""));
    const total = data.rows.reduce((sum, r) => sum.map((value, k) => value + r[k + 1]), [0, 0, 0]);
    Object.assign(this, { figure, count: 0, usual: -1, options: [] });
    this.parts = [h("h2", { class: "leave" }, data.heading), h("p", { class: "note" }, data.note), h("table", null, h("caption", { class: "hidden" }, data.heading),
      h("thead", { class: "hidden" }, h("tr", null, ...["Category", "", "Share right", "Right of asked", "Left out"].map((name) => (name ? h("th", { scope: "col" }, name) : h("td"))))),
      h("tbody", null, ...data.rows.map((r) => row(r, "")), row(["all", ...total], "total")))];
  }
  draw() {}
  point() {}
}
