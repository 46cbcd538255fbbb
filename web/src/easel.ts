// A canvas on which pictures are shown one after the other, and which never strobes: flashes.ts says how much of each may be shown.

import { Flashes } from "./flashes";
import { Glance } from "./glance";

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
  private readonly glance = new Glance(false);
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
    const share = this.flashes.next(this.glance.cells(picture), performance.now());
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
}
