// What happens at a step, in words with its numbers?

const quoted = (word) => h("span", null, "“", h("bdi", null, cut(word, 40)), "”");
const spread = (words) => words.flatMap((word, i) => [i === 0 ? "" : i === words.length - 1 ? " and " : ", ", quoted(word)]);

class Telling {
  constructor(data) { this.data = data; }
  // The words of a pair: { context, target }.
  names(update) { return { context: update.context.map((at) => this.data.sentence[at]), target: this.data.sentence[update.target] }; }
  heading(update) {
    const { context, target } = this.names(update);
    return [...spread(context), context.length > 1 ? " are to tell " : " is to tell ", quoted(target)];
  }
  said(update, step) {
    if (!step) return this.begin(update);
    return step <= update.words.length ? this.sample(update, step - 1) : this.end(update);
  }
  begin(update) {
    const { target } = this.names(update), noise = update.words.length - 1, cbow = this.data.mode === "cbow";
    const why = cbow ? "h is the mean of the neighbours' vectors; it is to tell the word between them. "
      : "h is the vector of one word of the window; it is to tell the word in the middle. Each pair comes in both directions. ";
    return [why, quoted(target), ` is the target, its label is 1. ${noise ? `${noise} more ${noise === 1 ? "word is" : "words are"} drawn as noise, label 0.` : "The noise that was drawn is the target itself, and left out."}`];
  }
  sample(update, i) {
    const label = i ? 0 : 1, product = three(update.products[i]), sigmoid = update.sigmoids[i];
    const head = [label ? "Target " : "Noise ", quoted(update.words[i]), `: over all ${this.data.dimensions} numbers, o · h = ${product}. `];
    if (sigmoid == null) return [...head, "That is beyond 6: gensim leaves this sample alone, and nothing moves."];
    const exact = three(update.exact[i]), inside = label ? exact : `(1 − ${exact})`;
    return [...head, `Its sigmoid, ${three(sigmoid)}, should be ${label}: loss −ln ${inside} = ${three(update.losses[i])}. Step: ${three(this.data.rate)} × (${label} − ${three(sigmoid)}) = ${three(update.steps[i])}; `,
      `that much of h is added to o: the two ${update.steps[i] > 0 ? "come closer" : "move apart"}.`];
  }
  end(update) {
    const { context } = this.names(update);
    return ["Last, ", ...(context.length > 1 ? ["each of the vectors of "] : ["the vector of "]), ...spread(context),
      ` moves: by the sum of step × o over all samples, with each o as it was before its own step. The loss of this pair was ${three(update.losses.reduce((a, b) => a + b, 0))}.`];
  }
}
