// A picture as flashes.ts looks at it: the means of a few cells.

import { COLUMNS, ROWS } from "./flashes";

/** Pixels to each side that the mean of a cell is taken of. */
const FINE = 4;

export class Glance {
  private readonly pen: OffscreenCanvasRenderingContext2D;

  constructor(
    /** Whether pictures come from the graphics card, and are made small there. */
    private readonly onCard: boolean,
  ) {
    this.pen = new OffscreenCanvas(FINE * COLUMNS, FINE * ROWS).getContext("2d", { willReadFrequently: !onCard })!;
  }

  /** Three numbers a cell, 0 to 1, row by row. */
  cells(picture: CanvasImageSource): Float64Array {
    const [width, height] = [FINE * COLUMNS, FINE * ROWS];
    this.pen.imageSmoothingQuality = this.onCard ? "medium" : "high";
    this.pen.drawImage(picture, 0, 0, width, height);
    const { data } = this.pen.getImageData(0, 0, width, height);
    const out = new Float64Array(3 * COLUMNS * ROWS);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const cell = 3 * (Math.floor(y / FINE) * COLUMNS + Math.floor(x / FINE));
        for (let c = 0; c < 3; c++) out[cell + c]! += data[4 * (y * width + x) + c]! / (255 * FINE * FINE);
      }
    }
    return out;
  }
}
