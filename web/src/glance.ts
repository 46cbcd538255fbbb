// A picture as flashes.ts looks at it: small.

import { COLUMNS, ROWS } from "./flashes";

export class Glance {
  private readonly pen: OffscreenCanvasRenderingContext2D;

  constructor(
    /** Whether pictures come from the graphics card, and are made small there. */
    private readonly onCard: boolean,
  ) {
    this.pen = new OffscreenCanvas(COLUMNS, ROWS).getContext("2d", { willReadFrequently: !onCard })!;
  }

  /** Three numbers a cell, 0 to 1, row by row. */
  cells(picture: CanvasImageSource): Float64Array {
    this.pen.imageSmoothingQuality = this.onCard ? "medium" : "high";
    this.pen.drawImage(picture, 0, 0, COLUMNS, ROWS);
    const { data } = this.pen.getImageData(0, 0, COLUMNS, ROWS);
    return Float64Array.from({ length: 3 * COLUMNS * ROWS }, (_, i) => data[4 * Math.floor(i / 3) + (i % 3)]! / 255);
  }
}
