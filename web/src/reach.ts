// Reaching into the picture with the pointer: a push that goes the way one drags, and a hand that follows.

import * as THREE from "three";
import * as plans from "./plans";
import * as store from "./store";

const SPEED_PER_M = 4;
const MOST_M_S = 5;
const LEAST_M_S = 0.05;
/** How fast a hand goes where it is pulled: so many times the way that is left, a second. */
const FOLLOWS = 7;

type Held = { kind: "push"; thing: string } | { kind: "pull"; body: string; frame: THREE.Object3D; point: THREE.Vector3 };

export class Reach {
  private readonly arrow = new THREE.ArrowHelper(new THREE.Vector3(1, 0, 0), new THREE.Vector3(), 1, 0xf2b84b);
  private readonly plane = new THREE.Plane();
  private readonly from = new THREE.Vector3();
  private readonly to = new THREE.Vector3();
  private held: Held | null = null;

  constructor(
    scene: THREE.Scene,
    private readonly camera: THREE.Camera,
    private readonly onChange: () => void,
  ) {
    this.arrow.visible = false;
    scene.add(this.arrow);
  }

  get busy(): boolean {
    return this.held !== null;
  }

  /** A press on something of the picture: whether it is taken. */
  take(hit: THREE.Intersection, tool: store.Tool, ray: THREE.Ray): boolean {
    const name = hit.object.userData["thing"] as string | null;
    if (!name || store.welcome.value?.seat !== "owner") return false;
    const body = store.welcome.value.actions.find((one) => one.name === name && one.labels.includes("x_m_s"));
    if (body) {
      const frame = hit.object.parent ?? hit.object;
      this.held = { kind: "pull", body: name, frame, point: frame.worldToLocal(hit.point.clone()) };
      store.driving.value = name;
      this.plane.setFromNormalAndCoplanarPoint(this.facing(body.labels.includes("z_m_s")), hit.point);
    } else if (tool === "push") {
      this.held = { kind: "push", thing: name };
      this.plane.setFromNormalAndCoplanarPoint(new THREE.Vector3(0, 0, 1), hit.point);
    } else {
      return false;
    }
    this.from.copy(hit.point);
    this.drag(ray);
    return true;
  }

  drag(ray: THREE.Ray): void {
    if (!this.held || !ray.intersectPlane(this.plane, this.to)) return;
    if (this.held.kind === "pull") {
      this.pull();
      return;
    }
    const way = this.to.clone().sub(this.from);
    this.arrow.visible = way.length() > 1e-3;
    if (this.arrow.visible) {
      this.arrow.position.copy(this.from);
      this.arrow.setDirection(way.clone().normalize());
      this.arrow.setLength(way.length(), Math.min(0.06, 0.3 * way.length()), Math.min(0.035, 0.2 * way.length()));
    }
    store.told.value = `${this.velocity().length().toFixed(2)} m/s`;
    this.onChange();
  }

  /** As long as it is held a hand follows, also where the pointer rests. */
  pull(): void {
    if (this.held?.kind !== "pull") return;
    const now = this.held.frame.localToWorld(this.held.point.clone());
    const way = this.to.clone().sub(now).multiplyScalar(FOLLOWS);
    store.pulled.value = [way.x, way.y, way.z];
  }

  let(): void {
    const held = this.held;
    this.held = null;
    this.arrow.visible = false;
    store.told.value = null;
    store.pulled.value = null;
    this.onChange();
    if (held?.kind !== "push") return;
    const velocity = this.velocity();
    if (velocity.length() < LEAST_M_S) return;
    const said = `push the ${held.thing.replaceAll("_", " ")} at ${velocity.length().toFixed(1)} m/s`;
    const event = { name: "push", at_s: 0, deeds: [{ type: "push", thing: held.thing, velocity_m_s: velocity.toArray() }] };
    void plans.change(said, [{ type: "set_event", name: "push", event }]);
  }

  private velocity(): THREE.Vector3 {
    return this.to.clone().sub(this.from).multiplyScalar(SPEED_PER_M).clampLength(0, MOST_M_S);
  }

  /** The plane in which it is pulled: the picture's, for what moves up and down; else the level. */
  private facing(rises: boolean): THREE.Vector3 {
    return rises ? this.camera.getWorldDirection(new THREE.Vector3()).negate() : new THREE.Vector3(0, 0, 1);
  }
}
