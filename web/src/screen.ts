// The view of a game or a dream: its pictures as they come, in plain squares if they are small.

import * as store from "./store";
import type { State } from "./wire";

export class Screen {
  private readonly pen: CanvasRenderingContext2D;
  private waiting: State | null = null;
  private busy = false;
  private frames = 0;
  private counted = performance.now();

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly onDrawn: (state: State) => void,
  ) {
    this.pen = canvas.getContext("2d")!;
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
      this.canvas.width = Math.round(clientWidth * devicePixelRatio);
      this.canvas.height = Math.round(clientHeight * devicePixelRatio);
      const room = Math.min(this.canvas.width / picture.width, this.canvas.height / picture.height);
      const times = room >= 2 ? Math.floor(room) : room;
      const [width, height] = [picture.width * times, picture.height * times];
      this.pen.imageSmoothingEnabled = times < 2;
      this.pen.drawImage(picture, (this.canvas.width - width) / 2, (this.canvas.height - height) / 2, width, height);
      picture.close();
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
