// How does a matrix become pixels?

// Weights as one pixel each: a small canvas to be enlarged.
function bitmap(look, n, values) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = n;
  const image = new ImageData(n, n), pixels = new Uint32Array(image.data.buffer);
  for (let i = 0; i < n * n; i++) pixels[i] = look.pixels[look.at(values[i])];
  canvas.getContext("2d").putImageData(image, 0, 0);
  return canvas;
}
