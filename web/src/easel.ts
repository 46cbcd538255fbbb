// A canvas on which pictures are shown one after the other, and which never strobes: flashes.ts says how much of each may be shown.

import { COLUMNS, Flashes, ROWS } from "./flashes";

/** Pixels to each side that the mean of a cell is taken of. */
const FINE = 4;
/** What was held back is tried again so soon. */
const AGAIN_MS = 60;

/** Where on the canvas a picture lies, in its pixels. */
interface Place {
  x: number;
  y: number;
  width: number;
  height: number;
}

export class Easel {
  private readonly pen: CanvasRenderingContext2D;
  private readonly glance = new OffscreenCanvas(FINE * COLUMNS, FINE * ROWS).getContext("2d", { willReadFrequently: true })!;
  private flashes = new Flashes();
  private held: { picture: ImageBitmap; place: Place } | null = null;
  private again = 0;

  constructor(
    readonly canvas: HTMLCanvasElement,
    /** Told when something is held back, and when no longer. */
    private readonly onHeld: (held: boolean) => void = () => {},
  ) {
    this.pen = canvas.getContext("2d")!;
  }

  /** As large as this; where that is new there is nothing on it. */
  resize(width: number, height: number): void {
    if (this.canvas.width === width && this.canvas.height === height) return;
    Object.assign(this.canvas, { width, height });
    this.flashes = new Flashes();
  }

  /** A picture, which is the easel's from now on; in the place of what was held back. */
  show(picture: ImageBitmap, place: Place = { x: 0, y: 0, width: this.canvas.width, height: this.canvas.height }): void {
    const was = this.held;
    if (was && was.picture !== picture) was.picture.close();
    clearTimeout(this.again);
    this.held = null;
    const share = this.flashes.next(this.cells(picture), performance.now());
    this.pen.imageSmoothingEnabled = place.width < 2 * picture.width;
    this.pen.globalAlpha = share;
    this.pen.drawImage(picture, place.x, place.y, place.width, place.height);
    this.pen.globalAlpha = 1;
    if (share < 1) {
      this.held = { picture, place };
      this.again = window.setTimeout(() => this.show(picture, place), AGAIN_MS);
    } else picture.close();
    if ((was !== null) !== share < 1) this.onHeld(share < 1);
  }

  dispose(): void {
    clearTimeout(this.again);
    this.held?.picture.close();
    this.held = null;
  }

  /** The means of the cells of a picture. */
  private cells(picture: ImageBitmap): Float64Array {
    const [width, height] = [FINE * COLUMNS, FINE * ROWS];
    this.glance.imageSmoothingQuality = "high";
    this.glance.drawImage(picture, 0, 0, width, height);
    const { data } = this.glance.getImageData(0, 0, width, height);
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
