// The pointer in a view of a world: a press takes hold, pushes or looks about, and where it was only a click something is selected.

import * as THREE from "three";
import type { Gizmo } from "./gizmo";
import type { Reach } from "./reach";
import * as store from "./store";

const CLICK_PX = 5;
/** So far a pointer is dragged to turn as fast as one can. */
const TURN_PX = 160;

export class Pointer {
  private down: [number, number] | null = null;

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly camera: THREE.Camera,
    private readonly surfaces: () => THREE.Object3D[],
    private readonly gizmo: Gizmo | null,
    private readonly reach: Reach | null,
    /** Whether one looks out of who is walked: a drag turns them. */
    private readonly walks: () => boolean,
    /** Whether a drag looks about. */
    private readonly looks: (about: boolean) => void,
  ) {
    canvas.addEventListener("pointerdown", (event) => this.pressed(event), { capture: true });
    canvas.addEventListener("pointermove", (event) => this.dragged(event));
    canvas.addEventListener("pointerup", (event) => this.let(event));
    canvas.addEventListener("pointercancel", () => this.let(null));
  }

  private ray(event: PointerEvent): THREE.Raycaster {
    const box = this.canvas.getBoundingClientRect();
    const at = new THREE.Vector2((2 * (event.clientX - box.left)) / box.width - 1, 1 - (2 * (event.clientY - box.top)) / box.height);
    const ray = new THREE.Raycaster();
    ray.setFromCamera(at, this.camera);
    return ray;
  }

  private hit(ray: THREE.Raycaster): THREE.Intersection | undefined {
    return ray.intersectObjects(this.surfaces(), false)[0];
  }

  /** What is pressed may be pushed or pulled; else one looks about. */
  private pressed(event: PointerEvent): void {
    this.down = [event.clientX, event.clientY];
    if (!this.reach || event.button !== 0 || !event.isPrimary || this.gizmo?.touched) return;
    if (this.walks()) {
      this.canvas.setPointerCapture(event.pointerId);
      return;
    }
    const ray = this.ray(event);
    const hit = this.hit(ray);
    if (hit && this.reach.take(hit, store.tool.value, ray.ray)) {
      this.looks(false);
      this.canvas.setPointerCapture(event.pointerId);
    }
  }

  private dragged(event: PointerEvent): void {
    if (this.reach?.busy) this.reach.drag(this.ray(event).ray);
    else if (this.walks() && this.down && event.buttons) {
      const far = [event.clientX - this.down[0], this.down[1] - event.clientY].map((px) => Math.max(-1, Math.min(1, px / TURN_PX)));
      store.lean.value = { ...store.lean.value, right: [far[0]!, far[1]!] };
    }
  }

  private let(event: PointerEvent | null): void {
    if (this.walks()) store.lean.value = { ...store.lean.value, right: [0, 0] };
    if (this.reach?.busy) {
      this.reach.let();
      this.looks(true);
    }
    const still = event && this.down && Math.hypot(event.clientX - this.down[0], event.clientY - this.down[1]) < CLICK_PX;
    if (still && !this.gizmo?.touched && event.button === 0) {
      const name = this.hit(this.ray(event))?.object.userData["thing"] as string | null | undefined;
      store.select(name ?? null);
    }
    this.down = null;
  }
}
