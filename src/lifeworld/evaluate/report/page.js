// Reads a curve off where the pointer is.
for (const figure of document.querySelectorAll("[data-curve]")) {
  const points = JSON.parse(figure.dataset.curve);
  const plot = figure.querySelector(".plot");
  const hair = figure.querySelector(".hair");
  const read = figure.querySelector(".read");
  plot.addEventListener("pointermove", (event) => {
    const box = plot.getBoundingClientRect();
    const at = (100 * (event.clientX - box.left)) / box.width;
    const near = points.reduce((a, b) => (Math.abs(b[0] - at) < Math.abs(a[0] - at) ? b : a));
    hair.style.left = `${near[0]}%`;
    hair.hidden = false;
    read.textContent = near[1];
  });
  plot.addEventListener("pointerleave", () => {
    hair.hidden = true;
    read.textContent = "";
  });
}
