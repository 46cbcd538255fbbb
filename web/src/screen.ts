// The view of a game or a dream: its pictures as they come, in plain squares if they are small.

import { Easel } from "./easel";
import * as store from "./store";
import type { State } from "./said";

export class Screen {
  private readonly easel: Easel;
  private waiting: State | null = null;
  private busy = false;
  private frames = 0;
  private counted = performance.now();

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly onDrawn: (state: State) => void,
  ) {
    this.easel = new Easel(canvas, (held) => (store.calmed.value = held));
  }

  state(state: State): void {
    store.time.value = state.time;
    store.sure.value = state.sure;
    this.waiting = state;
    if (!this.busy) void this.draw();
  }

  private async draw(): Promise<void> {
    this.busy = true;
    while (this.waiting?.picture) {
      const state = this.waiting;
      this.waiting = null;
      const picture = await createImageBitmap(state.picture!);
      const { clientWidth, clientHeight } = this.canvas;
      this.easel.resize(Math.round(clientWidth * devicePixelRatio), Math.round(clientHeight * devicePixelRatio));
      const room = Math.min(this.canvas.width / picture.width, this.canvas.height / picture.height);
      const times = room >= 2 ? Math.floor(room) : room;
      const [width, height] = [picture.width * times, picture.height * times];
      this.easel.show(picture, { x: (this.canvas.width - width) / 2, y: (this.canvas.height - height) / 2, width, height });
      this.count();
      this.onDrawn(state);
    }
    this.busy = false;
  }

  private count(): void {
    this.frames++;
    const now = performance.now();
    if (now - this.counted < 500) return;
    store.fps.value = Math.round((1000 * this.frames) / (now - this.counted));
    this.frames = 0;
    this.counted = now;
  }
}
