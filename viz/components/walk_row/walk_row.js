// Hands the weights behind one number to the walk; what comes before the figure is there is kept for it.
export default function ({ data }) {
  globalThis.orreryWalkRow = data;
  dispatchEvent(new CustomEvent("orrery-walk-row", { detail: data }));
}
