// The pictures of a track, sixteen at a time, only those one looks at and the next.

import { bytes } from "./api";
import { Easel } from "./easel";

const BLOCK = 16;
const MOST_BLOCKS = 24;

export class Film {
  private readonly blocks = new Map<number, Promise<Blob[]>>();
  private times: Float64Array | null = null;
  private shown = -1;
  private wanted = -1;
  private busy = false;
  private closed = false;
  private readonly easel: Easel;

  constructor(
    private readonly base: string,
    private readonly track: string,
    canvas: HTMLCanvasElement,
    /** Called with what went wrong; pictures go on where they can. */
    private readonly trouble: (why: string) => void,
    /** Told when it flashes too often, and some of it is held back; and when no longer. */
    onHeld: (held: boolean) => void,
  ) {
    this.easel = new Easel(canvas, onHeld);
  }

  /** The newest picture at a time [s]. */
  async show(time: number): Promise<void> {
    this.times ??= new Float64Array(await bytes(`${this.base}/clock/${this.track}`));
    this.wanted = Math.max(0, before(this.times, time));
    if (this.busy) return;
    this.busy = true;
    try {
      while (this.wanted !== this.shown && !this.closed) {
        const number = this.wanted;
        const block = await this.block(Math.floor(number / BLOCK));
        const blob = block[number % BLOCK];
        if (blob && !this.closed) await this.draw(blob);
        this.shown = number;
        if (number % BLOCK > BLOCK / 2 && (Math.floor(number / BLOCK) + 1) * BLOCK < this.times.length) void this.block(Math.floor(number / BLOCK) + 1);
      }
    } catch (error) {
      this.trouble((error as Error).message);
    }
    this.busy = false;
  }

  close(): void {
    this.closed = true;
    this.easel.dispose();
    this.blocks.clear();
  }

  private block(number: number): Promise<Blob[]> {
    const known = this.blocks.get(number);
    if (known) return known;
    const made = bytes(`${this.base}/pictures/${this.track}?first=${number * BLOCK}`).then(unpacked);
    made.catch(() => this.blocks.delete(number));
    this.blocks.set(number, made);
    if (this.blocks.size > MOST_BLOCKS) this.blocks.delete(this.blocks.keys().next().value!);
    return made;
  }

  private async draw(blob: Blob): Promise<void> {
    const picture = await createImageBitmap(blob);
    this.easel.resize(picture.width, picture.height);
    this.easel.show(picture);
  }
}

/** A message of pictures (tracks.py): their count; of each its time and size; then the JPEGs. */
function unpacked(data: ArrayBuffer): Blob[] {
  const view = new DataView(data);
  const count = view.getUint32(0, true);
  let at = 4 + 12 * count;
  return Array.from({ length: count }, (_, i) => {
    const size = view.getUint32(4 + 12 * i + 8, true);
    at += size;
    return new Blob([data.slice(at - size, at)], { type: "image/jpeg" });
  });
}

/** The place of the last time that is not after one. */
function before(times: Float64Array, time: number): number {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle]! <= time + 1e-9) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
