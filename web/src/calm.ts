// A view that is drawn anew for every picture of the display, and does not strobe: where it comes near to that, what is seen is a veil over it,
// on which as much of each picture is laid as may be shown.

import { Flashes } from "./flashes";
import { Glance } from "./glance";

export class Calm {
  private readonly flashes = new Flashes();
  private readonly glance = new Glance(true);
  private readonly pen: CanvasRenderingContext2D;
  private held = false;

  constructor(
    private readonly canvas: HTMLCanvasElement,
    /** As large as that on the page, and over it. */
    private readonly veil: HTMLCanvasElement,
    /** Told when something is held back, and when no longer. */
    private readonly onHeld: (held: boolean) => void = () => {},
  ) {
    this.pen = veil.getContext("2d")!;
  }

  /** Right after a picture was drawn. Whether some of it is held back, and it is to be drawn again. */
  drawn(now: number): boolean {
    const share = this.flashes.next(this.glance.cells(this.canvas), now);
    const near = share < 1 || this.flashes.isNear(now);
    if (near) this.lay(share);
    this.veil.hidden = !near;
    if (this.held !== share < 1) this.onHeld((this.held = share < 1));
    return this.held;
  }

  /** What is drawn over what was seen; that it comes near is known a picture before something is held back. */
  private lay(share: number): void {
    const { width, height } = this.canvas;
    const isNew = this.veil.hidden || this.veil.width !== width || this.veil.height !== height;
    if (isNew) Object.assign(this.veil, { width, height });
    this.pen.globalAlpha = isNew ? 1 : share;
    this.pen.drawImage(this.canvas, 0, 0);
  }
}
