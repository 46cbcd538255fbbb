// How much of the next picture may be shown, so that what is shown flashes at most three times a second.
//
// A flash is a pair of opposing changes of relative luminance by a tenth or more, the darker of the two below 0.8; or of saturated red. It
// counts where it fills a quarter of a field of 341 × 256 px, here 16 × 16 cells of a grid of 64 × 48: half a degree each, so that bars that a
// turning view sweeps past are seen too. What would be one change too many is held back until a second has passed: a strobe then goes in
// steps, and what turns too fast is smeared.
//
// Source: WCAG 2.2, success criterion 2.3.1, three flashes or below threshold.

export const COLUMNS = 64;
export const ROWS = 48;
const CELLS = COLUMNS * ROWS;
/** Cells of a field to each side, of which so many may flash as they like. */
const FIELD = 16;
const FEW = (FIELD * FIELD) / 4;
const SECOND_MS = 1000;
/** Three flashes are six changes. */
const MOST_CHANGES = 6;
/** So many are half-way there. */
const NEAR_CHANGES = 3;
/** How finely it is sought how much may be shown. */
const HALVINGS = 6;
/** What is shown is rounded to eight bits: a little before the threshold. */
const MARGIN = 0.95;

/** One quantity in every cell: between what it has been since it turned, which way it goes, and when it turned. */
class Track {
  private readonly low = new Float64Array(CELLS);
  private readonly high = new Float64Array(CELLS);
  private readonly way = new Int8Array(CELLS);
  private readonly changes: number[][] = Array.from({ length: CELLS }, () => []);

  /** It changes by going so far to and fro, where its lesser value is below `below`. */
  constructor(
    private readonly change: number,
    private readonly below: number,
  ) {}

  begin(i: number, value: number): void {
    this.low[i] = this.high[i] = value;
  }

  /** How often it has changed within the last second. */
  count(i: number, now: number): number {
    const times = this.changes[i]!;
    while (times.length && now - times[0]! >= SECOND_MS) times.shift();
    return times.length;
  }

  /** Whether that is too often, a change to a value counted. */
  isOver(i: number, value: number, now: number): boolean {
    const count = this.count(i, now);
    return count > MOST_CHANGES || (count === MOST_CHANGES && this.turn(i, value) !== 0);
  }

  show(i: number, value: number, now: number): void {
    const turned = this.turn(i, value);
    if (turned) {
      this.changes[i]!.push(now);
      this.way[i] = turned;
      this.low[i] = this.high[i] = value;
    } else if (this.way[i] === 1) this.low[i] = this.high[i] = Math.max(this.high[i]!, value);
    else if (this.way[i] === -1) this.low[i] = this.high[i] = Math.min(this.low[i]!, value);
    else {
      this.low[i] = Math.min(this.low[i]!, value);
      this.high[i] = Math.max(this.high[i]!, value);
    }
  }

  /** Whether a value is a change against the way that a cell went: down (-1), up (1), or none. */
  private turn(i: number, value: number): -1 | 0 | 1 {
    if (this.way[i] !== -1 && this.high[i]! - value >= this.change && value < this.below) return -1;
    if (this.way[i] !== 1 && value - this.low[i]! >= this.change && this.low[i]! < this.below) return 1;
    return 0;
  }
}

export class Flashes {
  private readonly light = new Track(MARGIN * 0.1, 0.8 / MARGIN);
  private readonly red = new Track((MARGIN * 20) / 320, Infinity);
  private shown: Float64Array | null = null;

  /**
   * The share of the next picture that is laid over what is shown, 0 to 1.
   *
   * Cells are the means of what the display is sent (sRGB), 0 to 1, three numbers each, row by row; `now` is in ms.
   */
  next(cells: ArrayLike<number>, now: number): number {
    if (!this.shown) {
      this.shown = Float64Array.from(cells);
      for (let i = 0; i < CELLS; i++) this.each(cells, i, (track, value) => track.begin(i, value));
      return 1;
    }
    let [share, mixed] = [1, Float64Array.from(cells)];
    for (let halving = 0; this.isTooMany(mixed, now); halving++) {
      share = halving < HALVINGS ? share / 2 : 0;
      mixed = this.shown.map((was, i) => was + share * (cells[i]! - was));
      if (share === 0) break;
    }
    for (let i = 0; i < CELLS; i++) this.each(mixed, i, (track, value) => track.show(i, value, now));
    this.shown = mixed;
    return share;
  }

  /** Whether what is shown has flashed so often that some of the next but one may have to be held back. */
  isNear(now: number): boolean {
    return isField((i) => Math.max(this.light.count(i, now), this.red.count(i, now)) >= NEAR_CHANGES);
  }

  /** Whether a field of cells would flash too often. */
  private isTooMany(cells: ArrayLike<number>, now: number): boolean {
    return isField((i) => {
      let over = false;
      this.each(cells, i, (track, value) => void (over ||= track.isOver(i, value, now)));
      return over;
    });
  }

  /** What is followed of a cell: its relative luminance, and how red it is where that is saturated. */
  private each(cells: ArrayLike<number>, i: number, take: (track: Track, value: number) => void): void {
    const [r, g, b] = [linear(cells[3 * i]!), linear(cells[3 * i + 1]!), linear(cells[3 * i + 2]!)];
    const all = r + g + b;
    take(this.light, 0.2126 * r + 0.7152 * g + 0.0722 * b);
    take(this.red, all > 0 && r / all >= 0.8 ? Math.max(0, r - g - b) : 0);
  }
}

/** Whether something holds of more than a few cells of a field. */
function isField(holds: (cell: number) => boolean): boolean {
  const wide = COLUMNS + 1;
  const sums = new Uint16Array(wide * (ROWS + 1)); // how many there are above and to the left
  for (let y = 0; y < ROWS; y++) {
    for (let x = 0; x < COLUMNS; x++) {
      const at = (y + 1) * wide + x + 1;
      sums[at] = sums[at - 1]! + sums[at - wide]! - sums[at - wide - 1]! + Number(holds(y * COLUMNS + x));
    }
  }
  if (sums.at(-1)! <= FEW) return false;
  for (let y = FIELD; y <= ROWS; y++) {
    for (let x = FIELD; x <= COLUMNS; x++) {
      const at = y * wide + x;
      if (sums[at]! - sums[at - FIELD]! - sums[at - FIELD * wide]! + sums[at - FIELD * wide - FIELD]! > FEW) return true;
    }
  }
  return false;
}

const STEPS = 4080;
const LINEAR = Float64Array.from({ length: STEPS + 1 }, (_, i) => {
  const value = i / STEPS;
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
});

/** What the display makes of a number it is sent, to a 16th of its own steps. */
function linear(value: number): number {
  return LINEAR[Math.round(STEPS * value)]!;
}
