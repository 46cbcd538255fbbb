// Looking about in a physical world where the browser cannot draw it (no WebGL2): the server draws, from where one looks.

import { effect } from "@preact/signals";
import { Screen } from "./screen";
import * as store from "./store";
import type { State } from "./said";

type Vec = [number, number, number];
interface Eye {
  frame: number;
  position_m: Vec;
  quat_wxyz: [number, number, number, number];
  fov_y_deg: number;
  name: string;
}

const FULL_TURN_PX = 900;
const NEAREST_M = 0.2;
const FARTHEST_M = 40;
const FLATTEST = 1.5;
const WIDEST_PX = 960;
const ASK_MS = 70;

/** Whether this browser can draw a world itself. */
export function draws(): boolean {
  const gl = document.createElement("canvas").getContext("webgl2");
  gl?.getExtension("WEBGL_lose_context")?.loseContext();
  return gl !== null;
}

export class Streamed {
  private readonly screen: Screen;
  private eyes: Eye[] = [];
  private at: Vec = [0, 0, 0.75];
  private turned = -0.9;
  private raised = 0.45;
  private far = 2.2;
  private fov = 50;
  private due = 0;

  constructor(
    private readonly canvas: HTMLCanvasElement,
    onDrawn: (state: State) => void,
  ) {
    this.screen = new Screen(canvas, onDrawn);
    let from: [number, number] | null = null;
    canvas.addEventListener("pointerdown", (event) => {
      from = [event.clientX, event.clientY];
      canvas.setPointerCapture(event.pointerId);
    });
    canvas.addEventListener("pointermove", (event) => {
      if (!from) return;
      this.turned -= (2 * Math.PI * (event.clientX - from[0])) / FULL_TURN_PX;
      this.raised = Math.max(-0.2, Math.min(FLATTEST, this.raised + (2 * Math.PI * (event.clientY - from[1])) / FULL_TURN_PX));
      from = [event.clientX, event.clientY];
      this.ask();
    });
    canvas.addEventListener("pointerup", () => (from = null));
    canvas.addEventListener(
      "wheel",
      (event) => {
        event.preventDefault();
        this.far = Math.max(NEAREST_M, Math.min(FARTHEST_M, this.far * Math.exp(0.001 * event.deltaY)));
        this.ask();
      },
      { passive: false },
    );
    new ResizeObserver(() => this.ask()).observe(canvas);
    effect(() => void (store.connected.value && this.ask()));
    effect(() => void (store.eye.value && this.lookFrom(store.eye.value)));
  }

  /** Of how the world looks only where its cameras stand is needed. */
  async scenery(_number: number, url: string): Promise<void> {
    const said = (await (await fetch(url)).json()) as { eyes: Eye[] };
    const first = !this.eyes.length;
    this.eyes = said.eyes.filter((eye) => eye.frame < 0);
    store.eyes.value = this.eyes.map((eye) => eye.name);
    if (first && this.eyes[0]) this.lookFrom(this.eyes[0].name);
  }

  state(state: State): void {
    this.screen.state(state);
  }

  private lookFrom(name: string): void {
    const eye = this.eyes.find((one) => one.name === name);
    if (!eye) return;
    const [w, x, y, z] = eye.quat_wxyz;
    const ahead: Vec = [2 * (x * z + w * y), 2 * (y * z - w * x), 1 - 2 * (x * x + y * y)]; // +Z of the camera
    this.far = ahead[2] < -0.05 ? Math.min(6, Math.max(0.4, (eye.position_m[2] - 0.74) / -ahead[2])) : 1.6;
    this.at = eye.position_m.map((v, i) => v + this.far * ahead[i]!) as Vec;
    this.turned = Math.atan2(-ahead[1], -ahead[0]);
    this.raised = Math.asin(Math.max(-1, Math.min(1, -ahead[2])));
    this.fov = eye.fov_y_deg;
    this.ask();
  }

  /** From here, please: the last of several counts. */
  private ask(): void {
    clearTimeout(this.due);
    this.due = window.setTimeout(() => {
      const flat = this.far * Math.cos(this.raised);
      const eye = [this.at[0] + flat * Math.cos(this.turned), this.at[1] + flat * Math.sin(this.turned), this.at[2] + this.far * Math.sin(this.raised)];
      const share = Math.min(1, WIDEST_PX / Math.max(this.canvas.clientWidth, this.canvas.clientHeight, 1));
      const [width_px, height_px] = [this.canvas.clientWidth, this.canvas.clientHeight].map((px) => Math.max(64, 2 * Math.round((share * px) / 2)));
      void store.ask({ do: "draw", eye_m: eye, at_m: this.at, fov_deg: this.fov, width_px, height_px });
    }, ASK_MS);
  }
}
