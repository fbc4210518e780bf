// How do two figures of one page stand at the same step? Both own the parameter; where one moves, the other follows.

const MOVED = "orrery-moved";

class Together {
  constructor(figure, name) {
    Object.assign(this, { figure, name });
    this.follow = ({ detail }) => {
      if (detail.figure === figure || detail.name !== name || !figure.data || figure.closed || figure.state[name] === detail.value) return;
      Figure.prototype.set.call(figure, { [name]: detail.value });
    };
    addEventListener(MOVED, this.follow);
  }
  // The hand has changed something here.
  tell(patch) {
    const { figure, name } = this;
    if (name in patch) dispatchEvent(new CustomEvent(MOVED, { detail: { figure, name, value: patch[name] } }));
  }
  close() { removeEventListener(MOVED, this.follow); }
}
