// How finely a view is drawn: coarser where a picture takes too long, and finely once more where nothing moves.

/** From fine to coarse: pixels of ours to one of the display's, and whether things cast shadows. */
const LEVELS = [
  { ratio: 2, shadows: true },
  { ratio: 1, shadows: true },
  { ratio: 0.75, shadows: false },
  { ratio: 0.5, shadows: false },
];
const COARSE = 2;
const SLOW_MS = 45;
/** Where it is drawn coarsely, what has stood still so long is drawn once more, finely; not again if that took too long. */
const REST_MS = 350;
const FINE_MS = 700;
const COUNT_MS = 500;

export class Quality {
  private level: number;
  private drawnAt = 0;
  private drew = false;
  /** What a picture takes until the next can be begun [ms]: where there is no graphics card, far longer than to ask for it. */
  private takes = 0;
  private canBeFine = true;
  private frames = 0;
  private counted = performance.now();
  /** Whether what is seen was drawn finely, once. */
  fine = false;

  constructor(coarse: boolean) {
    this.level = coarse ? COARSE : 0;
  }

  get ratio(): number {
    const { ratio } = LEVELS[this.level]!;
    return Math.min(devicePixelRatio, 2, ratio * devicePixelRatio, ratio);
  }

  get shadows(): boolean {
    return LEVELS[this.level]!.shadows;
  }

  /** Whether a picture may be begun: half of the time is the page's. */
  isDue(now: number): boolean {
    if (this.drew) this.takes = 0.7 * this.takes + 0.3 * (now - this.drawnAt);
    this.drew = false;
    return this.takes <= SLOW_MS || now - this.drawnAt >= 2 * this.takes;
  }

  begun(): void {
    this.drawnAt = performance.now();
    this.frames++;
    this.drew = true;
  }

  /** Draw it finely if it is time for that: by `draw`, which is given the pixels to one of the display's. */
  rest(now: number, draw: (ratio: number) => void): void {
    if (this.fine || !this.canBeFine || LEVELS[this.level]!.ratio >= 1 || now - this.drawnAt <= REST_MS) return;
    this.fine = true;
    draw(Math.min(devicePixelRatio, 1));
    this.canBeFine = performance.now() - now < FINE_MS;
  }

  /** Twice a second how often it is drawn; whether it is to be coarser from now on. */
  count(now: number): { fps: number; coarser: boolean } | null {
    if (now - this.counted < COUNT_MS) return null;
    const fps = Math.round((1000 * this.frames) / (now - this.counted));
    const coarser = this.frames > 1 && this.takes > SLOW_MS && this.level < LEVELS.length - 1;
    if (coarser) {
      this.level++;
      this.takes = 0;
    }
    this.frames = 0;
    this.counted = now;
    return { fps, coarser };
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
