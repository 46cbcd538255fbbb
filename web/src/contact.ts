// Soft dark under things, where no lamp casts shadows: how much of the sky each of them takes from what is below it.
//
// Each shape darkens the highest surface of another thing under its middle, by the share of the sky that it hides from there: footprint /
// (footprint + pi gap²). Where it stands that is nearly all, and with the gap it becomes faint and wide. One draw, few pixels, moved only with
// what moves.

import * as THREE from "three";

/** The darkest it becomes, and what is too faint to be drawn. */
const DARKEST = 0.55;
const FAINTEST = 0.03;
/** So far [m] above the surface, so that it is not in it. */
const LIFT_M = 0.0015;
/** How far it reaches out from under a thing: by the height of the thing, at least and at most [m], and by the gap. */
const BY_HEIGHT = 0.35;
const LEAST_M = 0.006;
const MOST_M = 0.09;
const BY_GAP = 0.25;
/** A thing may lie in what holds it, a plate or a cushion, by so much of its height. */
const SUNK = 0.35;
/** From here on an axis of a shape counts as upright. */
const UPRIGHT = 0.96;

/** How one shape stands: its footprint as a rectangle turned about the vertical, from where to where it reaches. */
interface Stand {
  surface: THREE.Mesh;
  thing: string | null;
  at: THREE.Matrix4;
  x: number;
  y: number;
  halfX: number;
  halfY: number;
  cos: number;
  sin: number;
  low: number;
  high: number;
  round: number;
}

export class Contact {
  readonly mesh: THREE.InstancedMesh;
  private readonly stands: Stand[];
  /** Middle and half sides of each patch, how far it reaches out, how round it is, how dark. */
  private readonly form: THREE.InstancedBufferAttribute;
  /** Half sides, and how it is turned, of the surface it lies on; and where its middle lies from there. */
  private readonly edge: THREE.InstancedBufferAttribute;
  private readonly from: THREE.InstancedBufferAttribute;

  constructor(surfaces: THREE.Mesh[]) {
    this.stands = surfaces.filter(solid).map((surface) => ({
      ...{ surface, thing: surface.userData["thing"] as string | null, at: new THREE.Matrix4().makeScale(0, 0, 0), round: surface.geometry.type === "BoxGeometry" ? 0.1 : 0.9 },
      ...{ x: 0, y: 0, halfX: 0, halfY: 0, cos: 1, sin: 0, low: 0, high: 0 },
    }));
    const count = this.stands.length;
    const flat = new THREE.PlaneGeometry(2, 2);
    this.form = new THREE.InstancedBufferAttribute(new Float32Array(4 * count), 4);
    this.edge = new THREE.InstancedBufferAttribute(new Float32Array(4 * count), 4);
    this.from = new THREE.InstancedBufferAttribute(new Float32Array(4 * count), 4);
    flat.setAttribute("form", this.form);
    flat.setAttribute("edge", this.edge);
    flat.setAttribute("from", this.from);
    this.mesh = new THREE.InstancedMesh(flat, STUFF, count);
    this.mesh.frustumCulled = false;
    this.mesh.renderOrder = -1; // before what one sees through
  }

  /** Patches of what has moved go along. */
  follow(): void {
    const moved = this.stands.map((one) => !one.at.equals(one.surface.matrixWorld));
    if (!moved.includes(true)) return;
    this.stands.forEach((one, i) => moved[i] && stand(one));
    this.stands.forEach((one, i) => moved[i] && this.lay(one, i));
    this.mesh.instanceMatrix.needsUpdate = this.form.needsUpdate = this.edge.needsUpdate = this.from.needsUpdate = true;
  }

  dispose(): void {
    this.mesh.geometry.dispose();
    this.mesh.dispose();
  }

  private lay(one: Stand, i: number): void {
    const height = one.high - one.low;
    const area = 4 * one.halfX * one.halfY;
    let under: Stand | null = null;
    let hidden = !one.surface.castShadow;
    for (const other of this.stands) {
      const own = other.thing === one.thing && one.thing !== null;
      if (other === one || (own ? other.low > one.low : other.high > one.low + Math.max(LEAST_M, SUNK * height) || (under && other.high <= under.high))) continue;
      const [u, v] = turned(one.x - other.x, one.y - other.y, other);
      if (Math.abs(u) > other.halfX || Math.abs(v) > other.halfY) continue;
      if (!own) under = other;
      else if (4 * other.halfX * other.halfY > area) hidden = true; // a wider one of the same thing is below it
    }
    const gap = under ? Math.max(0, one.low - under.high) : Infinity;
    const dark = (DARKEST * area) / (area + Math.PI * gap * gap);
    const matrix = new THREE.Matrix4();
    if (!under || hidden || dark < FAINTEST) {
      this.mesh.setMatrixAt(i, matrix.makeScale(0, 0, 0));
      return;
    }
    const out = Math.min(MOST_M, Math.max(LEAST_M, BY_HEIGHT * height)) + BY_GAP * gap;
    const [w, h] = [one.halfX + out, one.halfY + out];
    const z = Math.min(under.high, one.low) + LIFT_M;
    matrix.set(w * one.cos, -h * one.sin, 0, one.x, w * one.sin, h * one.cos, 0, one.y, 0, 0, 1, z, 0, 0, 0, 1);
    this.mesh.setMatrixAt(i, matrix);
    this.form.setXYZW(i, one.halfX, one.halfY, out, dark);
    const [u, v] = turned(one.x - under.x, one.y - under.y, under);
    // from the axes of the one to those of the other: the cosine and the sine of the angle between them
    const [cos, sin] = [one.cos * under.cos + one.sin * under.sin, one.sin * under.cos - one.cos * under.sin];
    this.edge.setXYZW(i, under.halfX, under.halfY, cos, sin);
    this.from.setXYZW(i, u, v, one.round * Math.min(one.halfX, one.halfY), 0);
  }
}

/** Whether it darkens, or is darkened: not what one sees through, and not what has no shape of its own. */
function solid(surface: THREE.Mesh): boolean {
  const stuff = surface.material as THREE.Material;
  return !stuff.transparent && stuff.side === THREE.FrontSide;
}

function turned(x: number, y: number, { cos, sin }: Stand): [number, number] {
  return [x * cos + y * sin, y * cos - x * sin];
}

/** How a shape stands now. Where none of its axes is upright, as the box around it that is not turned. */
function stand(one: Stand): void {
  const { geometry, matrixWorld } = one.surface;
  one.at.copy(matrixWorld);
  if (!geometry.boundingBox) geometry.computeBoundingBox();
  const box = geometry.boundingBox!;
  const half = box.getSize(new THREE.Vector3()).multiplyScalar(0.5).toArray();
  const middle = box.getCenter(new THREE.Vector3()).applyMatrix4(matrixWorld);
  const e = matrixWorld.elements;
  const axis = [0, 1, 2].map((k) => [e[4 * k]!, e[4 * k + 1]!, e[4 * k + 2]!] as const);
  const across = (c: 0 | 1 | 2) => axis.reduce((sum, way, k) => sum + Math.abs(way[c]) * half[k]!, 0);
  const up = axis.findIndex((way) => Math.abs(way[2]) > UPRIGHT);
  const [x, y] = [axis[(up + 1) % 3]!, (up + 2) % 3];
  const long = Math.hypot(x[0], x[1]) || 1;
  [one.cos, one.sin] = up < 0 ? [1, 0] : [x[0] / long, x[1] / long];
  [one.halfX, one.halfY] = up < 0 ? [across(0), across(1)] : [half[(up + 1) % 3]!, half[y]!];
  [one.x, one.y] = [middle.x, middle.y];
  [one.low, one.high] = [middle.z - across(2), middle.z + across(2)];
}

const STUFF = new THREE.ShaderMaterial({
  transparent: true,
  depthWrite: false,
  vertexShader: `attribute vec4 form;
    attribute vec4 edge;
    attribute vec4 from;
    varying vec2 place;
    varying vec2 below;
    varying vec4 patch_;
    varying vec3 rim;
    void main() {
      place = position.xy * ( form.xy + form.z );
      below = from.xy + vec2( place.x * edge.z - place.y * edge.w, place.x * edge.w + place.y * edge.z );
      patch_ = form;
      rim = vec3( edge.xy, from.z );
      gl_Position = projectionMatrix * modelViewMatrix * instanceMatrix * vec4( position, 1.0 );
    }`,
  fragmentShader: `varying vec2 place;
    varying vec2 below;
    varying vec4 patch_;
    varying vec3 rim;
    void main() {
      float away = length( max( abs( place ) - patch_.xy + rim.z, 0.0 ) ) - rim.z;
      float share = clamp( ( patch_.z - away ) / ( 2.0 * patch_.z ), 0.0, 1.0 );
      vec2 on = step( abs( below ), rim.xy );
      gl_FragColor = vec4( 0.06, 0.04, 0.03, patch_.w * share * share * on.x * on.y );
    }`,
});
