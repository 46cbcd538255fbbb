// How finely a view is drawn: coarser where a picture takes too long, finer again where it has long been quick, and finely once where nothing
// moves. It is slow to change and slower to come back, so that nothing flickers.

/** From fine to coarse: pixels of ours to one of the display's, and whether things cast shadows. */
export const LEVELS = [
  { ratio: 2, shadows: true },
  { ratio: 1, shadows: true },
  { ratio: 1, shadows: false },
  { ratio: 0.75, shadows: false },
  { ratio: 0.5, shadows: false },
];
/** Where it begins without a graphics card. */
const COARSE = 3;
const SLOW_MS = 45;
const QUICK_MS = 24;
const COUNT_MS = 500;
/** So many counts in a row it takes until it is drawn more coarsely, and at first until it is drawn more finely. */
const SLOW_COUNTS = 2;
const QUICK_COUNTS = 16;
/** Each time that finer was too fine it waits twice as long, up to so many times. */
const MOST_PATIENCE = 32;
/** Where it is drawn coarsely, what has stood still so long is drawn once more, finely; after much longer each time that this took too long. */
const REST_MS = 350;
const FINE_MS = 700;
const LONGER = 4;

export class Quality {
  level: number;
  private drawnAt = -Infinity;
  private drew = false;
  /** What a picture takes until the next can be begun [ms]: where there is no graphics card, far longer than to ask for it. */
  private takes = 0;
  private slow = 0;
  private quick = 0;
  private patience = 1;
  /** Whether it has become finer last. */
  private rose = false;
  private restMs = REST_MS;
  private frames = 0;
  private counted: number;
  /** Whether what was seen was drawn finely, once. */
  fine = false;

  constructor(
    /** Whether there is no graphics card. */
    private readonly software: boolean,
    now = performance.now(),
  ) {
    this.level = software ? COARSE : 0;
    this.counted = now;
  }

  get ratio(): number {
    const { ratio } = LEVELS[this.level]!;
    return Math.min(devicePixelRatio, 2, ratio * devicePixelRatio, ratio);
  }

  /** Whether one could see that it is not drawn as finely as the display can show. */
  get isCoarse(): boolean {
    return this.ratio < Math.min(devicePixelRatio, 2) || !this.shadows;
  }

  get shadows(): boolean {
    return LEVELS[this.level]!.shadows;
  }

  /** Whether a picture may be begun: where they are slow, a third of the time is the page's. */
  isDue(now: number): boolean {
    if (this.drew) this.takes = 0.7 * this.takes + 0.3 * (now - this.drawnAt);
    this.drew = false;
    return this.takes <= SLOW_MS || now - this.drawnAt >= 1.5 * this.takes;
  }

  begun(now = performance.now()): void {
    this.drawnAt = now;
    this.frames++;
    this.drew = true;
  }

  /** Draw it finely if it is time for that: by `draw`, which is given the pixels to one of the display's. */
  rest(now: number, draw: (ratio: number) => void): void {
    if (this.fine || LEVELS[this.level]!.ratio >= 1 || now - this.drawnAt <= this.restMs) return;
    this.fine = true;
    draw(LEVELS[0]!.ratio);
    this.restMs = performance.now() - now < FINE_MS ? REST_MS : LONGER * this.restMs;
  }

  /** Twice a second how often it is drawn, and whether the level is another now; `held`: it stays as fine as can be. */
  count(now: number, held: boolean): { fps: number; changed: boolean } | null {
    if (now - this.counted < COUNT_MS) return null;
    const fps = Math.round((1000 * this.frames) / (now - this.counted));
    const before = this.level;
    if (held) this.level = this.software ? 1 : 0;
    else if (this.frames > 1) this.judge();
    this.frames = 0;
    this.counted = now;
    return { fps, changed: this.level !== before };
  }

  private judge(): void {
    this.slow = this.takes > SLOW_MS ? this.slow + 1 : 0;
    this.quick = this.takes < QUICK_MS ? this.quick + 1 : 0;
    if (this.slow >= SLOW_COUNTS && this.level < LEVELS.length - 1) {
      if (this.rose) this.patience = Math.min(2 * this.patience, MOST_PATIENCE);
      this.go(1);
    } else if (this.quick >= QUICK_COUNTS * this.patience && this.level > 0) this.go(-1);
  }

  private go(by: number): void {
    this.level += by;
    this.rose = by < 0;
    this.slow = this.quick = this.takes = 0;
  }
}

/** Whether this browser draws without a graphics card. */
export function drawnBySoftware(): boolean {
  const gl = document.createElement("canvas").getContext("webgl2");
  const info = gl?.getExtension("WEBGL_debug_renderer_info");
  const name = info ? String(gl!.getParameter(info.UNMASKED_RENDERER_WEBGL)) : "";
  gl?.getExtension("WEBGL_lose_context")?.loseContext();
  return /swiftshader|llvmpipe|software|basic render/i.test(name);
}
