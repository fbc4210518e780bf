// Who is nearest to the point in hand at this step, counted in all dimensions? A list with a bar for each.

class Near {
  constructor(figure) {
    Object.assign(this, { figure, near: figure.data.near });
    this.head = h("h3");
    this.rows = h("ol", { class: "nearest" });
    this.e = h("section", { class: "near" }, this.head, this.rows);
  }
  show(step) {
    const { figure, near } = this, i = figure.active, places = near.places[step][Math.max(i, 0)], values = near.values[step][Math.max(i, 0)];
    this.e.classList.toggle("leave", i < 0);
    this.head.replaceChildren(...(i < 0 ? [`Nearest by ${near.name}`] : ["Nearest to ", h("bdi", null, figure.name(i)), ` by ${near.name}`]));
    this.rows.replaceChildren(...places.map((place, k) => h("li", null, ...(i < 0 ? [h("span", { class: "quiet" }, k ? "\u00a0" : "Choose a point to list its own.")] : [h("bdi", null, cut(spoken(near.names[place]), 28)),
      h("span", { class: "bar", style: `width:${(Math.max(0, values[k]) * 3.5).toFixed(2)}em` }), h("span", { class: "value" }, number(values[k]))]))));
  }
}
