// What is drawn runs evenly, a state behind what has come, however unevenly states come: at the display's rate, at any speed of time.

import type { State } from "./said";

/** So many states are kept to go between. */
const KEPT = 16;
/** How much each state tells of the pace, against those before it. */
const LEARNS = 0.1;
/** How much of what it is late or early is made good in each picture. */
const MENDS = 0.08;
/** So many states off, it jumps. */
const LOST = 8;
/** After such a silence the pace is learned anew. */
const SILENCE_MS = 1000;

export interface Between {
  before: State | null;
  state: State;
  /** How far from the one to the other, 0 to 1, and when that is [s]. */
  share: number;
  time: number;
}

export class Playhead {
  private states: State[] = [];
  private arrived = -Infinity;
  /** How long a second of the world takes here [ms], and a state in the world [s]. */
  private pace = 1000;
  private step = 0;
  private time = 0;
  private drawn = 0;

  /** The newest state. Where it does not go on from the one before it, it is shown at once. */
  add(state: State, now: number): void {
    const last = this.states.at(-1);
    const goesOn = last && !state.paused && state.portrait === last.portrait && state.time > last.time && now - this.arrived < SILENCE_MS;
    if (!goesOn) {
      this.states = [state];
      this.time = state.time;
      this.step = 0;
    } else {
      const [step, took] = [state.time - last.time, now - this.arrived];
      const first = this.step === 0;
      this.step = first ? step : this.step + LEARNS * (step - this.step);
      this.pace = first ? Math.max(took, 1) / step : this.pace + LEARNS * (took / step - this.pace);
      this.states = [...this.states.slice(1 - KEPT), state];
    }
    this.arrived = now;
  }

  /** What is to be seen now. */
  at(now: number): Between | null {
    const last = this.states.at(-1);
    if (!last) return null;
    if (this.step > 0) {
      const meant = last.time - this.step + (now - this.arrived) / this.pace;
      this.time += (now - this.drawn) / this.pace;
      const off = meant - this.time;
      this.time += Math.abs(off) > LOST * this.step ? off : MENDS * off;
      this.time = Math.min(last.time, Math.max(this.states[0]!.time, this.time));
    }
    this.drawn = now;
    const next = this.states.findIndex((state) => state.time >= this.time);
    const [before, state] = [this.states[next - 1] ?? null, this.states[next]!];
    return { before, state, share: before ? (this.time - before.time) / (state.time - before.time) : 1, time: this.time };
  }
}
