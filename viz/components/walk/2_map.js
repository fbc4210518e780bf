// Where are we? The whole machine as a column of layers, and the stages of one layer beside it.

class Map2 {
  constructor(figure) {
    this.figure = figure;
    const { data } = figure, stack = h("div", { class: "stack", "aria-hidden": "true", style: `--floors: ${data.layers}` });
    this.buttons = {};
    const column = (where) => data.stages.filter((stage) => stage.where === where).map((stage) => {
      const button = h("button", { type: "button", class: `stage ${this.place(stage)}`, style: `--part: var(--${stage.part === "weights" ? "query" : stage.part})`, title: stage.title,
        onclick: () => figure.go(stage.id, figure.state.layer) }, stage.short);
      this.buttons[stage.id] = button;
      return button;
    });
    const every = data.layers <= 12 ? 1 : data.layers <= 60 ? 5 : 10; // as many numbers as have room
    this.layers = Array.from({ length: data.layers }, (_, i) => h("div", { class: "floor", "data-layer": i, title: `layer ${i}` }, i % every ? null : h("span", null, String(i))));
    stack.append(...this.layers);
    stack.addEventListener("click", (e) => { const layer = e.target.closest(".floor")?.dataset.layer; if (layer !== undefined) figure.layer(Number(layer)); });
    this.floor = h("p", { class: "quiet" });
    this.said = h("p", { class: "hidden" });
    this.here = h("span", { class: "here" });
    this.parts = h("nav", { class: "map", "aria-label": "The machine" },
      h("div", { class: "machine" }, h("h3", null, "Machine"), h("div", { class: "ends" }, column("before")), stack, this.floor, h("div", { class: "ends" }, column("after"))),
      h("div", { class: "one" }, (this.title = h("h3", null, "")), h("div", { class: "stages" }, column("layer"))), this.said);
  }
  // On the stream, in a branch from it.
  place(stage) { return stage.where !== "layer" ? "" : stage.id === "input" || stage.id.endsWith("residual") || (this.figure.data.norms === "after" && stage.id.endsWith("norm_after")) ? "stream" : "branch"; }
  refresh(stage) {
    const { state, data } = this.figure, inside = stage.where === "layer";
    for (const [id, button] of Object.entries(this.buttons)) {
      if (id === stage.id) button.setAttribute("aria-current", "step");
      else button.removeAttribute("aria-current");
    }
    const shown = inside ? state.layer : -1;
    if (this.shown !== shown) {
      this.layers[this.shown]?.classList.remove("on");
      this.layers[shown]?.classList.add("on");
      this.shown = shown;
    }
    this.floor.textContent = inside ? `layer ${state.layer} of 0–${data.layers - 1}` : `${data.layers} layers`;
    this.title.textContent = `Layer ${state.layer}`;
    this.said.textContent = `You are here: ${inside ? `layer ${state.layer}, ` : ""}${stage.title}.`;
  }
}
