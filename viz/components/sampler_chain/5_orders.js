// What difference does the order make? The same values in the orders of the two usual libraries: what each one keeps, and
// how far apart what is drawn from is. Worked out when the hand rests, since it is two chains more.

const REST = 120; // milliseconds

class Orders {
  constructor(figure) {
    this.figure = figure;
    this.lines = new Map();
    this.apart = h("p", { class: "apart" });
    this.list = h("div", { class: "both" });
    this.parts = h("section", { class: "orders", "aria-label": "The two usual orders" }, h("h2", null, "Does the order matter?"), this.list, this.apart);
  }
  build() {
    const { orders } = this.figure.data;
    this.key = null;
    this.lines = new Map(Object.keys(orders).map((name) => [name, { words: h("p", { class: "quiet" }), kept: h("p"), only: h("p", { class: "only" }) }]));
    this.list.replaceChildren(...[...this.lines].map(([name, { words, kept, only }]) => h("div", null, h("h3", null, `${possessive(name)} order`), words, kept, only)));
  }
  render(chain) {
    const key = JSON.stringify(chain.map(({ name }) => [name, this.figure.state[name]]).sort());
    if (key === this.key) return;
    this.key = key;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => { if (!this.figure.closed) this.compare(chain); }, REST);
  }
  compare(chain) {
    const { figure } = this, size = figure.data.texts.length, last = [];
    const values = new Map(chain.map((sampler) => [sampler.name, sampler]));
    for (const [name, { words, kept }] of this.lines) {
      const order = figure.data.orders[name].filter((sampler) => values.has(sampler)), without = [...values.keys()].filter((sampler) => !order.includes(sampler));
      let stage = figure.first;
      for (const sampler of order) stage = follow(stage, values.get(sampler), figure.counts);
      const p = new Float64Array(size), stays = new Uint8Array(size);
      stage.order.forEach((id, i) => { p[id] = stage.p[i]; stays[id] = 1; });
      last.push({ stage, p, stays });
      words.textContent = (order.map((sampler) => KINDS[sampler].title).join(" → ") || "nothing is switched on") + (without.length ? ` (it has no ${list(without.map((sampler) => KINDS[sampler].title))})` : "");
      kept.textContent = `keeps ${many(stage.kept)} token${stage.kept === 1 ? "" : "s"}, entropy ${stage.entropy.toFixed(2)} bits`;
    }
    let apart = 0;
    const [one, other] = last;
    for (let id = 0; id < size; id++) apart += Math.abs(one.p[id] - other.p[id]) / 2;
    [...this.lines.values()].forEach(({ only }, i) => this.only(only, last[i], last[1 - i]));
    this.value = apart;
    this.apart.replaceChildren("Total variation distance ", h("b", null, apart < 1e-12 ? "0" : percent(apart)),
      apart < 1e-12 ? ": with these values the order changes nothing." : ": the most by which the order changes the chance of any set of tokens.");
  }
  // The tokens that one order keeps and the other cuts, the most probable first.
  only(part, { stage }, { stays }) {
    const ids = stage.order.filter((id) => !stays[id]).reverse();
    part.replaceChildren(...(ids.length ? ["and the other doesn't: ", ...[...ids.slice(0, 6)].flatMap((id) => [chip(this.figure.token(id), true), " "]), ids.length > 6 ? `and ${many(ids.length - 6)} more` : ""] : ["none that the other cuts"]));
  }
}
