// Sound as it comes: how loud it was, always in sight; to be heard only if somebody asks for it.

const SECONDS = 4;
const BAR_S = 0.02;
const AHEAD_S = 0.12;
const LATE_S = 0.6;

export class Speaker {
  private readonly bars: number[] = [];
  private context: AudioContext | null = null;
  private next = 0;
  private part = 0;
  private counted = 0;

  /** Heard or not; a browser lets a page sound only after a press. */
  loud(now: boolean): void {
    if (!now) return this.stop();
    this.context = new AudioContext();
    this.next = 0;
  }

  stop(): void {
    void this.context?.close();
    this.context = null;
  }

  take(samples: Int16Array, channels: number, rate_hz: number): void {
    const frames = samples.length / channels;
    const perBar = Math.round(BAR_S * rate_hz);
    for (let i = 0; i < frames; i++) {
      for (let c = 0; c < channels; c++) this.part = Math.max(this.part, Math.abs(samples[i * channels + c]!) / 32_768);
      if (++this.counted < perBar) continue;
      this.bars.push(this.part);
      this.part = this.counted = 0;
    }
    while (this.bars.length > SECONDS / BAR_S) this.bars.shift();
    if (this.context && frames) this.play(this.context, samples, channels, frames, rate_hz);
  }

  /** One after the other, a little ahead; who falls behind goes on from now. */
  private play(context: AudioContext, samples: Int16Array, channels: number, frames: number, rate_hz: number): void {
    const buffer = context.createBuffer(channels, frames, rate_hz);
    for (let c = 0; c < channels; c++) {
      const channel = buffer.getChannelData(c);
      for (let i = 0; i < frames; i++) channel[i] = samples[i * channels + c]! / 32_768;
    }
    const source = context.createBufferSource();
    source.buffer = buffer;
    source.connect(context.destination);
    const now = context.currentTime;
    if (this.next < now || this.next > now + LATE_S) this.next = now + AHEAD_S;
    source.start(this.next);
    this.next += buffer.duration;
  }

  draw(on: HTMLCanvasElement): void {
    const [wide, high] = [on.clientWidth * devicePixelRatio, on.clientHeight * devicePixelRatio];
    if (on.width !== Math.round(wide) || on.height !== Math.round(high)) Object.assign(on, { width: Math.round(wide), height: Math.round(high) });
    const pen = on.getContext("2d")!;
    pen.clearRect(0, 0, on.width, on.height);
    pen.fillStyle = getComputedStyle(on).color;
    const step = on.width / (SECONDS / BAR_S);
    this.bars.forEach((bar, i) => {
      const tall = Math.max(1, Math.sqrt(bar) * on.height * 0.94);
      pen.fillRect(on.width - (this.bars.length - i) * step, (on.height - tall) / 2, Math.max(1, step * 0.7), tall);
    });
  }
}
