// The view of a physical world: drawn here, at the display's rate, between the last states the session sent.

import { effect } from "@preact/signals";
import * as THREE from "three";
import { OrbitControls } from "three/addons/controls/OrbitControls.js";
import { Calm } from "./calm";
import { Gizmo } from "./gizmo";
import { tone } from "./plainly";
import { Playhead } from "./playhead";
import { Pointer } from "./pointer";
import { Portrait } from "./portrait";
import type { Eye } from "./portrait";
import { drawnBySoftware, Quality } from "./quality";
import { Reach } from "./reach";
import * as store from "./store";
import type { Ghost, State } from "./said";

/** Nobody sees that a thing is elsewhere by less [m], against where it was drawn last. */
const STILL = 1e-4;
/** So many pixels at most, of those that are drawn once where nothing moves. */
const MOST_STILL = 2e6;
/** Embodiments that one looks out of. */
const WALKING = new Set(["walker", "free_camera"]);
/** Lamps and colours change at most so often: six changes are three flashes, and there are no more in a second. */
const CHANGE_MS = 170;
/** What is left of a swing of the view after so long, however often it is drawn; of a long pause no more than so many of these count. */
const SWINGS = 0.95;
const SWING_MS = 1000 / 60;
const MOST_SWINGS = 30;
/** How much of the picture a thing fills that is looked at, and all there are. */
const NEARLY = 0.6;
const FULLY = 0.94;

export class Viewport {
  private readonly renderer: THREE.WebGLRenderer;
  private readonly scene = new THREE.Scene();
  private readonly camera = new THREE.PerspectiveCamera(50, 1, 0.02, 200);
  private readonly controls: OrbitControls;
  private readonly veil = new THREE.Group();
  private readonly ring = new THREE.LineSegments(
    new THREE.EdgesGeometry(new THREE.BoxGeometry(1, 1, 1)),
    new THREE.LineBasicMaterial({ color: 0xf2b84b }),
  );
  private portraits = new Map<number, Portrait>();
  private portrait: Portrait | null = null;
  private shown = -1;
  private changedAt = -Infinity;
  private swungAt = 0;
  private last: State | null = null;
  /** The last state in which something was elsewhere than before. */
  private differed: State | null = null;
  private readonly playhead = new Playhead();
  /** The time [s] of the last state in which something was elsewhere than before. */
  private movedAt = -Infinity;
  private acknowledged = -1;
  private readonly calm: Calm;
  private dirty = true;
  private readonly quality: Quality;
  private following = false;
  /** Whether it looks at all there is, as nobody has looked elsewhere yet: also where the picture has another shape now. */
  private atAll = false;
  private readonly watch = new ResizeObserver(() => this.resize());
  private marked: string | null = null;
  private readonly gizmo: Gizmo | null = null;
  private readonly reach: Reach | null = null;
  private walking: Eye | null = null;
  private readonly stops: (() => void)[] = [];
  /** Called when one looks from elsewhere. */
  onLook: () => void = () => {};

  constructor(
    private readonly canvas: HTMLCanvasElement,
    veil: HTMLCanvasElement,
    private readonly onDrawn: (state: State) => void,
    /** Whether it is the one that the page tells the time and the cameras of. */
    private readonly leads = true,
  ) {
    THREE.Object3D.DEFAULT_UP.set(0, 0, 1);
    const software = (Portrait.plainly = drawnBySoftware());
    this.renderer = new THREE.WebGLRenderer({ canvas, antialias: !software, powerPreference: "high-performance" });
    this.quality = new Quality(software);
    this.calm = new Calm(canvas, veil, (held) => (store.calmed.value = held));
    this.renderer.shadowMap.type = THREE.PCFShadowMap;
    if (software) tone(this.renderer);
    else this.renderer.toneMapping = THREE.NeutralToneMapping; // keeps hues: AgX made wood of any kind pink
    this.renderer.toneMappingExposure = 1.3;
    this.camera.up.set(0, 0, 1);
    this.camera.position.set(1.2, -1.6, 1.5);
    this.controls = new OrbitControls(this.camera, canvas);
    this.controls.target.set(0, 0, 0.75);
    this.controls.enableDamping = !matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.controls.maxPolarAngle = Math.PI * 0.55;
    this.controls.zoomToCursor = true;
    this.controls.addEventListener("start", () => (this.atAll = false));
    this.controls.addEventListener("change", () => {
      this.dirty = true;
      if (!this.following) this.onLook();
    });
    this.ring.visible = false;
    canvas.style.opacity = "0"; // until there is something on it
    this.scene.add(this.veil, this.ring);
    this.watch.observe(canvas);
    if (leads) {
      const changed = () => (this.dirty = true);
      this.reach = new Reach(this.scene, this.camera, changed);
      this.gizmo = new Gizmo(this.camera, canvas, this.scene, (name) => this.portrait?.of(name) ?? [], changed, (begins) => (this.controls.enabled = !begins));
      this.stops.push(effect(() => void (store.driving.value, changed())));
      this.stops.push(effect(() => this.gizmo!.show(store.tool.value, store.thing.value, store.snap.value)));
    }
    new Pointer(
      canvas,
      this.camera,
      () => this.portrait?.surfaces ?? [],
      this.gizmo,
      this.reach,
      () => this.walking !== null,
      (about) => (this.controls.enabled = about),
    );
    const scheme = matchMedia("(prefers-color-scheme: dark)");
    const repaint = () => this.background();
    scheme.addEventListener("change", repaint);
    this.stops.push(() => scheme.removeEventListener("change", repaint));
    this.renderer.setAnimationLoop(() => this.draw());
  }

  /** How the world looks from now on. */
  async scenery(number: number, url: string): Promise<void> {
    const made = await Portrait.fetch(url);
    this.portraits.set(number, made);
    this.dirty = true;
    if (this.leads) store.eyes.value = made.eyes.map((eye) => eye.name);
  }

  state(state: State): void {
    if (this.differed === null || moved(this.differed.numbers, state.numbers) || state.portrait !== this.differed.portrait) {
      this.dirty = true;
      this.differed = state;
      this.movedAt = state.time;
    } else this.movedAt = Math.min(this.movedAt, state.time);
    this.last = state;
    this.playhead.add(state, performance.now());
    if (this.leads && !state.half) store.time.value = state.time;
  }

  ghosts(ghosts: Ghost[]): void {
    this.dirty = true;
    this.veil.clear();
    for (const ghost of ghosts) {
      const [x, y, z] = ghost.size_m ?? [0.1, 0.1, 0.1];
      const stuff = new THREE.MeshBasicMaterial({ color: 0xf2b84b, transparent: true, opacity: 0.22, depthWrite: false });
      const box = new THREE.Mesh(new THREE.BoxGeometry(x, y, z), stuff);
      const edges = new THREE.LineSegments(new THREE.EdgesGeometry(box.geometry), new THREE.LineBasicMaterial({ color: 0xf2b84b }));
      const holder = new THREE.Group();
      holder.position.set(...ghost.position_m);
      const [w, qx, qy, qz] = ghost.quat_wxyz;
      holder.quaternion.set(qx, qy, qz, w);
      box.position.z = edges.position.z = z / 2;
      holder.add(box, edges);
      this.veil.add(holder);
    }
  }

  /** Look from one of the scene's cameras; from there one goes on freely. */
  lookFrom(name: string): void {
    this.atAll = false;
    const eye = this.portrait?.eyes.find((one) => one.name === name);
    if (!eye || !this.portrait) return;
    this.portrait.see(eye, this.camera);
    const ahead = new THREE.Vector3(0, 0, -1).applyQuaternion(this.camera.quaternion);
    const down = ahead.z < -0.05 ? Math.max(0.4, (this.camera.position.z - 0.74) / -ahead.z) : 1.6;
    this.controls.target.copy(this.camera.position).addScaledVector(ahead, Math.min(down, 6));
    this.controls.update();
  }

  /** Through the eyes of who is walked: the camera of the scene that is fixed to them. */
  private walk(): void {
    const body = store.driving.value;
    const walks = WALKING.has(store.welcome.value?.actions.find((one) => one.name === body)?.kind ?? "");
    const eye = walks ? this.portrait?.eyes.find((one) => one.frame >= 0 && this.portrait!.frameName(one.frame).split("/")[0] === body) : undefined;
    if (!eye) {
      if (this.walking) this.lookFrom(this.walking.name);
      this.walking = null;
      this.controls.enabled ||= !this.gizmo?.busy && !this.reach?.busy;
      return;
    }
    this.walking = eye;
    this.controls.enabled = false;
    this.portrait!.see(eye, this.camera);
  }

  /** Look from where another looks from. */
  lookLike(other: Viewport): void {
    this.following = true;
    this.atAll = false;
    this.camera.position.copy(other.camera.position);
    this.camera.quaternion.copy(other.camera.quaternion);
    this.camera.fov = other.camera.fov;
    this.camera.updateProjectionMatrix();
    this.controls.target.copy(other.controls.target);
    this.controls.update();
    this.following = false;
    this.dirty = true;
  }

  dispose(): void {
    this.renderer.setAnimationLoop(null);
    this.watch.disconnect();
    for (const stop of this.stops) stop();
    this.gizmo?.dispose();
    this.controls.dispose();
    for (const portrait of this.portraits.values()) portrait.dispose();
    this.renderer.dispose();
    this.renderer.forceContextLoss();
  }

  /** From where one looks, at what, and how far up and down. */
  looking(): { eye_m: number[]; at_m: number[]; fov_deg: number } {
    return { eye_m: this.camera.position.toArray(), at_m: this.controls.target.toArray(), fov_deg: this.camera.fov };
  }

  /** Frame the selected thing, or all there is. */
  focus(name: string | null): void {
    this.atAll = false;
    const boxes = this.around(name);
    const all = boxes.reduce((sum, box) => sum.union(box), new THREE.Box3());
    if (all.isEmpty()) return;
    const way = this.camera.position.clone().sub(this.controls.target).normalize();
    const right = new THREE.Vector3().setFromMatrixColumn(this.camera.matrixWorld, 0);
    const up = way.clone().cross(right);
    const half = Math.tan(THREE.MathUtils.degToRad(this.camera.fov / 2)) * (name ? NEARLY : FULLY);
    const middle = all.getCenter(new THREE.Vector3());
    let away = 0.35; // as near as every corner of them is still in the picture
    for (const { min, max } of boxes) {
      for (let i = 0; i < 8; i++) {
        const corner = new THREE.Vector3(i & 1 ? max.x : min.x, i & 2 ? max.y : min.y, i & 4 ? max.z : min.z).sub(middle);
        const wide = Math.abs(corner.dot(right)) / this.camera.aspect;
        away = Math.max(away, Math.max(wide, Math.abs(corner.dot(up))) / half + corner.dot(way));
      }
    }
    this.controls.target.copy(middle);
    this.camera.position.copy(middle).addScaledVector(way, away);
    this.controls.update();
    this.dirty = true;
  }

  /** Where the surfaces of a thing are, or of all there are. */
  private around(name: string | null): THREE.Box3[] {
    const surfaces = name ? (this.portrait?.of(name) ?? []) : (this.portrait?.surfaces.filter((one) => one.userData["thing"]) ?? []);
    return surfaces.map((surface) => new THREE.Box3().setFromObject(surface));
  }

  /** At first: as the first camera looks; from outside of all there is, so that all of it is seen. */
  private begin(eye: Eye): void {
    this.lookFrom(eye.name);
    this.scene.updateMatrixWorld(true);
    this.camera.updateMatrixWorld();
    const all = this.around(null).reduce((sum, box) => sum.union(box), new THREE.Box3());
    if (!all.isEmpty() && !all.getBoundingSphere(new THREE.Sphere()).containsPoint(this.camera.position)) {
      this.focus(null);
      this.atAll = true;
    }
  }

  private resize(isDrawnNext = false): void {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    if (!width || !height) return;
    const { ratio, shadows } = this.quality;
    this.quality.fine = false;
    this.renderer.setPixelRatio(ratio);
    if (this.renderer.shadowMap.enabled !== shadows) {
      this.renderer.shadowMap.enabled = shadows;
      this.portrait?.shade(shadows);
      this.scene.traverse((one) => {
        if (one instanceof THREE.Mesh) (one.material as THREE.Material).needsUpdate = true;
      });
    }
    this.dirty = true;
    this.renderer.setSize(width, height, false);
    this.camera.aspect = width / height;
    this.camera.updateProjectionMatrix();
    if (this.atAll) {
      this.focus(null);
      this.atAll = true;
    }
    if (this.portrait && !isDrawnNext) this.renderer.render(this.scene, this.camera); // a canvas of another size is blank until it is drawn on
  }

  private draw(): void {
    const now = performance.now();
    if (!this.quality.isDue(now)) return;
    this.controls.dampingFactor = 1 - SWINGS ** Math.min((now - this.swungAt) / SWING_MS, MOST_SWINGS);
    this.swungAt = now;
    this.controls.update();
    this.reach?.pull();
    if (this.dirty || store.selected.value !== this.marked) {
      if (this.quality.fine) this.resize(true);
      this.quality.begun();
      this.dirty = false;
      this.marked = store.selected.value;
      const shown = this.show(now);
      this.renderer.render(this.scene, this.camera);
      this.dirty = this.calm.drawn(now) || this.dirty;
      this.tell(shown);
    } else {
      this.tell(this.last);
      this.quality.rest(now, (ratio) => {
        const most = Math.sqrt(MOST_STILL / Math.max(1, this.canvas.clientWidth * this.canvas.clientHeight));
        this.renderer.setPixelRatio(Math.max(Math.min(1, devicePixelRatio), Math.min(ratio, most)));
        this.renderer.render(this.scene, this.camera);
      });
    }
    const counted = this.quality.count(performance.now(), store.finely.value);
    if (counted && this.leads) {
      store.fps.value = counted.fps;
      store.coarse.value = this.quality.isCoarse;
    }
    if (counted?.changed) this.resize();
  }

  /** That a state is on the screen, or on its way from the one before it. */
  private tell(state: State | null): void {
    if (!state || state.seq === this.acknowledged || !this.portrait) return;
    this.acknowledged = state.seq;
    this.onDrawn(state);
  }

  /** Everything where it is at this moment of the display; the state that it goes to. */
  private show(now: number): State | null {
    const between = this.playhead.at(now);
    if (!between) return null;
    const { before, state, share, time } = between;
    if (state.portrait !== this.shown) {
      const next = this.portraits.get(state.portrait);
      const soon = now - this.changedAt < CHANGE_MS;
      this.dirty ||= !next || soon;
      if (!next || soon) return null; // it is on its way: what was there stays
      this.changedAt = now;
      const first = this.portrait === null;
      if (this.portrait) this.portrait.group.removeFromParent();
      this.portrait = next;
      this.shown = state.portrait;
      this.scene.add(next.group);
      this.background();
      next.shade(this.quality.shadows);
      next.move(state.numbers, null, 1);
      if (first && next.eyes[0]) this.begin(next.eyes[0]);
      this.canvas.style.opacity = "";
    }
    this.dirty ||= time < this.movedAt;
    this.portrait?.move(state.numbers, before?.numbers ?? null, share);
    if (this.leads) this.walk();
    this.mark();
    return state;
  }

  private mark(): void {
    const surfaces = store.selected.value ? (this.portrait?.of(store.selected.value) ?? []) : [];
    this.ring.visible = surfaces.length > 0;
    if (!surfaces.length) return;
    const box = new THREE.Box3();
    for (const surface of surfaces) box.expandByObject(surface, true);
    box.getSize(this.ring.scale);
    box.getCenter(this.ring.position);
  }

  private background(): void {
    const dark = matchMedia("(prefers-color-scheme: dark)").matches;
    const color = new THREE.Color().setHex(dark ? 0x171b20 : 0xdfe3e4, Portrait.plainly ? THREE.LinearSRGBColorSpace : THREE.SRGBColorSpace);
    this.scene.background = color;
    this.scene.fog = new THREE.Fog(color, 9, 34);
  }
}

/** Whether anything is elsewhere than it was, as far as one can see. */
function moved(before: Float32Array, now: Float32Array): boolean {
  if (before.length !== now.length) return true;
  for (let i = 0; i < now.length; i++) if (Math.abs(now[i]! - before[i]!) > STILL) return true;
  return false;
}
