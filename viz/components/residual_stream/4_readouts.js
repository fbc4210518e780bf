// What is said of the place that is read? And of the parts that speak loudest.

const value = (name, words) => h("span", { class: "value" }, h("span", { class: "quiet" }, `${name} `), h("b", null, words));

// Another page or view with the same model and text, and what is switched off.
function door(figure, path, query, words) {
  const { model, text } = figure.data, off = new URLSearchParams(location.search).get("off"), link = new URLSearchParams({ ...query, model, text, ...(off ? { off } : {}) });
  return h("a", { href: `${path}?${link}`, target: "_top", class: "door leave" }, words);
}
function tokenWords(figure, p) {
  const { tokens, first } = figure.data;
  return [chip(tokens[p], true), h("span", { class: "quiet" }, ` token ${first + p}`)];
}
function aboutStream(figure, p, layer) {
  const norm = long(figure.numbers.stream(p, layer + 1)), entered = layer >= 0 ? figure.numbers.stream(p, layer) : 0, factor = entered ? figure.numbers.stream(p, layer + 1) / entered : 0;
  return [h("p", null, tokenWords(figure, p), h("span", { class: "quiet" }, layer < 0 ? " · before the first layer" : ` · behind layer ${layer}`)),
    h("p", null, value("norm", norm), layer >= 0 ? value("before the layer", `${long(entered)}, so × ${number(factor)}`) : null)];
}
function aboutWritten(figure, p, layer, head) {
  const { numbers } = figure, at = Math.max(0, Math.min(numbers.layers - 1, layer)), both = (part, ...place) => `${long(part.norm(p, ...place))}, cosine ${angle(part.cosine(p, ...place))}`;
  return [h("p", null, tokenWords(figure, p), h("span", { class: "quiet" }, ` · layer ${at} · the stream that enters it has norm ${long(numbers.stream(p, at))}`)),
    h("p", null, value("attention", both(numbers.attention, at)), value(`head ${head}`, both(numbers.head, at, head)), value("MLP", both(numbers.mlp, at)))];
}
function aboutShares(figure, p, layer, head) {
  const { numbers } = figure, { shares } = numbers, at = Math.max(0, Math.min(numbers.layers - 1, layer));
  if (layer < 0) return [h("p", null, "What enters the first layer: the token’s embedding"), h("p", null, value("share", plus(shares.embedding[p], 3)))];
  if (layer >= numbers.layers) return [h("p", null, "No layer’s: the biases of the final norm and the head"), h("p", null, value("share", plus(shares.constant[p], 3)))];
  return [h("p", null, `Layer ${at}`, h("span", { class: "quiet" }, ` · sum up to here ${plus(numbers.running(p)[at + 1], 3)}`)),
    h("p", null, value("attention", plus(shares.attention(p, at), 3)), value(`head ${head}`, plus(shares.head(p, at, head), 3)), value("MLP", plus(shares.mlp(p, at), 3)))];
}
// The loudest heads and MLPs on one side, as buttons that lead to them.
function loud(figure, words, parts, most) {
  const row = (part) => h("li", null, figure.button([h("span", { class: "who" }, partName(part)), h("span", { class: "track" }, h("span", { class: `fill ${part.head === null ? "mlp" : "attention"}`, style: `width:${((100 * Math.abs(part.value)) / most).toFixed(1)}%` })), h("span", { class: "much" }, plus(part.value))],
    () => figure.choose(part), { class: "plain", "aria-label": `${partName(part)}: ${plus(part.value)}` }));
  return h("section", { class: "side" }, h("h3", null, words), parts.length ? h("ol", null, parts.map(row)) : h("p", { class: "quiet" }, "none"));
}
