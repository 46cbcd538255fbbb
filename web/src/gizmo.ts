// Moving and turning the selected thing in the picture: a ghost of it follows the handles, and the world settles it where it is let go.

import * as THREE from "three";
import { TransformControls } from "three/addons/controls/TransformControls.js";
import * as plans from "./plans";
import * as store from "./store";
import type { Thing } from "./said";

export const SNAP_M = 0.02;
export const SNAP_DEG = 15;
const LEAST_M = 5e-4;
const LEAST_RAD = 2e-3;
const GHOST = new THREE.MeshBasicMaterial({ color: 0xf2b84b, transparent: true, opacity: 0.4, depthWrite: false });

export class Gizmo {
  private readonly handles: TransformControls;
  private readonly proxy = new THREE.Group();
  private thing: Thing | null = null;
  private start = new THREE.Matrix4();
  /** Whether it is being dragged. */
  busy = false;

  constructor(
    camera: THREE.Camera,
    canvas: HTMLElement,
    private readonly scene: THREE.Scene,
    private readonly surfacesOf: (name: string) => THREE.Mesh[],
    private readonly onChange: () => void,
    private readonly onDrag: (begins: boolean) => void,
  ) {
    this.handles = new TransformControls(camera, canvas);
    this.handles.setSize(0.85);
    this.handles.addEventListener("change", () => this.onChange());
    this.handles.addEventListener("dragging-changed", (event) => this.dragged(event.value === true));
    this.scene.add(this.proxy);
    this.scene.add(this.handles.getHelper());
  }

  /** Whether the pointer is on one of the handles. */
  get touched(): boolean {
    return this.handles.object !== undefined && this.handles.axis !== null;
  }

  /** The handles of a tool on a thing; none where there is nothing to hold. */
  show(tool: store.Tool, thing: Thing | null, snap: boolean): void {
    if (this.busy) return;
    const wanted = (tool === "move" || tool === "turn") && thing?.position_m ? thing : null;
    this.handles.setMode(tool === "turn" ? "rotate" : "translate");
    this.handles.setTranslationSnap(snap ? SNAP_M : null);
    this.handles.setRotationSnap(snap ? THREE.MathUtils.degToRad(SNAP_DEG) : null);
    const stays = where(wanted) === where(this.thing);
    this.thing = wanted;
    if (stays) return; // what is known of things comes twice a second
    if (!wanted) {
      this.handles.detach();
    } else {
      const [w, x, y, z] = wanted.quat_wxyz ?? [1, 0, 0, 0];
      this.proxy.position.set(...wanted.position_m!);
      this.proxy.quaternion.set(x, y, z, w);
      this.proxy.updateMatrixWorld(true);
      this.handles.attach(this.proxy);
    }
    this.onChange();
  }

  dispose(): void {
    this.handles.detach();
    this.handles.dispose();
  }

  private dragged(begins: boolean): void {
    this.busy = begins;
    this.onDrag(begins);
    if (!this.thing) return;
    if (begins) {
      this.start.copy(this.proxy.matrixWorld);
      const back = this.start.clone().invert();
      for (const surface of [this.thing, ...plans.riders(this.thing.name)].flatMap((one) => this.surfacesOf(one.name))) {
        const ghost = new THREE.Mesh(surface.geometry, GHOST);
        ghost.matrixAutoUpdate = false;
        ghost.matrix.multiplyMatrices(back, surface.matrixWorld);
        this.proxy.add(ghost);
      }
      return;
    }
    this.proxy.clear();
    this.onChange();
    this.let(this.thing);
  }

  /** Where it was let go, as a plan: what stands on it goes along. */
  private let(thing: Thing): void {
    this.proxy.updateMatrixWorld(true);
    const by = this.proxy.matrixWorld.clone().multiply(this.start.clone().invert());
    const [from, to] = [new THREE.Vector3().setFromMatrixPosition(this.start), new THREE.Vector3().setFromMatrixPosition(this.proxy.matrixWorld)];
    const spun = new THREE.Quaternion().setFromRotationMatrix(by);
    const angle = 2 * Math.acos(Math.min(1, Math.abs(spun.w)));
    if (from.distanceTo(to) < LEAST_M && angle < LEAST_RAD) return;
    const edits = [thing, ...plans.riders(thing.name)].map((one) => {
      const [w, x, y, z] = one.quat_wxyz ?? [1, 0, 0, 0];
      const pose = new THREE.Matrix4().compose(new THREE.Vector3(...one.position_m!), new THREE.Quaternion(x, y, z, w), new THREE.Vector3(1, 1, 1));
      const [place, way] = [new THREE.Vector3(), new THREE.Quaternion()];
      pose.premultiply(by).decompose(place, way, new THREE.Vector3());
      return { type: "move", name: one.name, pose: { position_m: place.toArray(), quat_wxyz: [way.w, way.x, way.y, way.z] } };
    });
    const called = thing.name.replaceAll("_", " ");
    const said = angle < LEAST_RAD ? `move the ${called} ${plans.wordsOf(to.sub(from).toArray())}` : `turn the ${called} by ${Math.round(THREE.MathUtils.radToDeg(angle))}°`;
    void plans.change(said, edits);
  }
}

/** What its handles depend on. */
function where(thing: Thing | null): string {
  return thing ? [thing.name, thing.position_m, thing.quat_wxyz].join() : "";
}
