// How a world is drawn without a graphics card: in few strokes, each of them cheap.
//
// There every draw costs something whatever it draws, and every pixel much. So things are one mesh, or one for each picture on them, whose
// corners are moved here; pictures are looked up in one size of theirs; and light goes to the display's numbers in one step.

import * as THREE from "three";
import { mergeGeometries } from "three/addons/utils/BufferGeometryUtils.js";

/** Khronos' neutral curve, as with a card, and the display's by its root, at once and without a branch; what is far too bright stays coloured. */
const CURVE = `vec3 CustomToneMapping( vec3 color ) {
	color *= toneMappingExposure;
	color -= min( 0.04, 0.5 * min( color.r, min( color.g, color.b ) ) );
	float peak = max( 0.76, max( color.r, max( color.g, color.b ) ) );
	color = sqrt( color * ( ( 1.0 - 0.0576 / ( peak - 0.52 ) ) / peak ) );
	return color * ( 1.14 - 0.14 * color );
}`;

/** Let a renderer take the cheap curve. What is not lit has to be given in the display's numbers then. */
export function tone(renderer: THREE.WebGLRenderer): void {
  THREE.ShaderChunk.tonemapping_pars_fragment = THREE.ShaderChunk.tonemapping_pars_fragment.replace(/vec3 CustomToneMapping\([^}]*\}/, CURVE);
  renderer.toneMapping = THREE.CustomToneMapping;
  renderer.outputColorSpace = THREE.LinearSRGBColorSpace;
}

interface Part {
  surface: THREE.Mesh;
  /** The first of its corners. */
  first: number;
  /** Where it was when they were moved. */
  at: THREE.Matrix4;
}

/** Surfaces with the same picture, or none, as one mesh. They stay where they are, unseen, for who points at them. */
export class Whole {
  readonly mesh: THREE.Mesh;
  private readonly parts: Part[] = [];

  constructor(surfaces: THREE.Mesh[]) {
    let first = 0;
    const corners = surfaces.map((surface) => {
      surface.visible = false;
      this.parts.push({ surface, first, at: new THREE.Matrix4().makeScale(0, 0, 0) });
      first += surface.geometry.getAttribute("position").count;
      return colored(surface);
    });
    const map = matt(surfaces[0]!).map?.clone() ?? null;
    map?.repeat.set(1, 1);
    this.mesh = new THREE.Mesh(mergeGeometries(corners), new THREE.MeshLambertMaterial({ vertexColors: true, map }));
    for (const one of corners) one.dispose();
    this.mesh.castShadow = this.mesh.receiveShadow = true;
    this.mesh.frustumCulled = false;
  }

  /** Surfaces in as few as there are pictures on them; without those that stay by themselves: what one sees through, shines, or is soft. */
  static of(surfaces: THREE.Mesh[]): Whole[] {
    const alike = new Map<unknown, THREE.Mesh[]>();
    for (const surface of surfaces) {
      const { transparent, side, emissive, map } = matt(surface);
      if (transparent || side !== THREE.FrontSide || emissive.getHex() !== 0 || !surface.castShadow) continue;
      const of = map?.source ?? null;
      alike.set(of, [...(alike.get(of) ?? []), surface]);
    }
    return [...alike.values()].map((some) => new Whole(some));
  }

  /** Corners of what has moved go along. */
  follow(): void {
    const place = this.mesh.geometry.getAttribute("position") as THREE.BufferAttribute;
    const normal = this.mesh.geometry.getAttribute("normal") as THREE.BufferAttribute;
    const [point, turn] = [new THREE.Vector3(), new THREE.Matrix3()];
    for (const { surface, first, at } of this.parts) {
      if (at.equals(surface.matrixWorld)) continue;
      at.copy(surface.matrixWorld);
      turn.setFromMatrix4(at);
      const own = surface.geometry.getAttribute("position");
      const ownNormal = surface.geometry.getAttribute("normal");
      for (let k = 0; k < own.count; k++) {
        point.fromBufferAttribute(own, k).applyMatrix4(at).toArray(place.array, 3 * (first + k));
        point.fromBufferAttribute(ownNormal, k).applyMatrix3(turn).toArray(normal.array, 3 * (first + k));
      }
      place.needsUpdate = normal.needsUpdate = true;
    }
  }

  dispose(): void {
    this.mesh.geometry.dispose();
    (this.mesh.material as THREE.Material).dispose();
  }
}

/** The corners of a surface, each with its colour and its place on the picture. */
function colored(surface: THREE.Mesh): THREE.BufferGeometry {
  const [from, made] = [surface.geometry, new THREE.BufferGeometry()];
  const count = from.getAttribute("position").count;
  for (const name of ["position", "normal"]) made.setAttribute(name, new THREE.BufferAttribute(new Float32Array(3 * count), 3));
  made.setIndex(from.index ? [...from.index.array] : [...Array(count).keys()]);
  const { color, map } = matt(surface);
  made.setAttribute("color", new THREE.BufferAttribute(new Float32Array(3 * count).map((_, k) => [color.r, color.g, color.b][k % 3]!), 3));
  if (!map) return made;
  const uv = from.getAttribute("uv").clone() as THREE.BufferAttribute;
  for (let k = 0; k < count; k++) uv.setXY(k, uv.getX(k) * map.repeat.x, uv.getY(k) * map.repeat.y);
  return made.setAttribute("uv", uv);
}

function matt(surface: THREE.Mesh): THREE.MeshLambertMaterial {
  return surface.material as THREE.MeshLambertMaterial;
}
