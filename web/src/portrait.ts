// A portrait as three.js objects: shapes on moving frames. Corners and pictures come by digest, once.

import * as THREE from "three";
import { Contact } from "./contact";
import { Whole } from "./plainly";

interface Shape {
  kind: "plane" | "height_field" | "sphere" | "capsule" | "ellipsoid" | "cylinder" | "box" | "mesh" | "soft";
  frame: number;
  position_m: [number, number, number];
  quat_wxyz: [number, number, number, number];
  size_m: [number, number, number];
  rgba: [number, number, number, number];
  instance: number;
  part: string;
  specular: number;
  shininess: number;
  reflectance: number;
  emission: number;
  mesh?: string;
  texture?: string;
  repeat: [number, number];
  stretched: boolean;
  uv: boolean;
}

interface Lamp {
  sun: boolean;
  frame: number;
  position_m: [number, number, number];
  direction: [number, number, number];
  rgb: [number, number, number];
  spread_deg: number;
  shadow: boolean;
}

export interface Eye {
  name: string;
  frame: number;
  position_m: [number, number, number];
  quat_wxyz: [number, number, number, number];
  fov_y_deg: number;
}

interface Said {
  shapes: Shape[];
  frames: string[];
  eyes: Eye[];
  lamps: Lamp[];
  ambient: [number, number, number];
  things: string[];
  meshes: Record<string, string>;
  textures: Record<string, string>;
}

const ENDLESS_M = 60;
/** From so far on the ground loses what is drawn on it, and from so far on it has lost it. */
const NEAR_M = 1.5;
const FAR_M = 6;
const OPENCV_FROM_THREE = new THREE.Quaternion(1, 0, 0, 0); // half a turn about X: +Z forward, +Y down

/** A world as it can be drawn; `group` is to be put into a scene. */
export class Portrait {
  /** Whether it is drawn as plainly.ts does, for who has no graphics card. */
  static plainly = false;
  readonly group = new THREE.Group();
  readonly eyes: Eye[];
  private readonly frames: THREE.Group[];
  private wholes: Whole[] = [];
  /** What is dark under things where no lamp casts shadows. */
  private contact: Contact | null = null;
  private readonly softs: THREE.BufferGeometry[] = [];
  readonly surfaces: THREE.Mesh[] = [];

  private constructor(said: Said) {
    this.eyes = said.eyes;
    this.frames = said.frames.map((name) => {
      const frame = new THREE.Group();
      frame.name = name;
      this.group.add(frame);
      return frame;
    });
  }

  static async fetch(url: string): Promise<Portrait> {
    const said = (await (await fetch(url)).json()) as Said;
    const [meshes, pictures] = await Promise.all([each(said.meshes, mesh), each(said.textures, picture)]);
    const made = new Portrait(said);
    for (const shape of said.shapes) made.add(shape, said.things[shape.instance - 1] ?? null, meshes, pictures);
    if (Portrait.plainly) {
      made.wholes = Whole.of(made.surfaces);
      made.contact = new Contact(made.surfaces);
      made.group.add(made.contact.mesh);
    }
    for (const whole of made.wholes) made.group.add(whole.mesh);
    for (const lamp of said.lamps) made.light(lamp);
    const [r, g, b] = said.ambient;
    const sky = new THREE.Color().setRGB(r, g, b, THREE.SRGBColorSpace);
    made.group.add(new THREE.HemisphereLight(sky, new THREE.Color(0x6b5f52), 3.6));
    return made;
  }

  /** Everything where a state says it is, some way between it and the one before. */
  move(numbers: Float32Array, before: Float32Array | null, share: number): void {
    const q = new THREE.Quaternion();
    const count = this.frames.length;
    for (let i = 0; i < count; i++) {
      const frame = this.frames[i]!;
      const at = 7 * i;
      frame.position.set(numbers[at]!, numbers[at + 1]!, numbers[at + 2]!);
      frame.quaternion.set(numbers[at + 4]!, numbers[at + 5]!, numbers[at + 6]!, numbers[at + 3]!);
      if (before && share < 1) {
        q.set(before[at + 4]!, before[at + 5]!, before[at + 6]!, before[at + 3]!);
        frame.quaternion.slerpQuaternions(q, frame.quaternion, share);
        frame.position.lerp(new THREE.Vector3(before[at]!, before[at + 1]!, before[at + 2]!), 1 - share);
      }
    }
    if (this.contact) this.group.updateMatrixWorld();
    for (const whole of this.wholes) whole.follow();
    this.contact?.follow();
    let start = 7 * count;
    for (const geometry of this.softs) {
      const place = geometry.getAttribute("position") as THREE.BufferAttribute;
      const normal = geometry.getAttribute("normal") as THREE.BufferAttribute;
      for (let k = 0; k < place.count; k++, start += 6) {
        place.setXYZ(k, numbers[start]!, numbers[start + 1]!, numbers[start + 2]!);
        normal.setXYZ(k, numbers[start + 3]!, numbers[start + 4]!, numbers[start + 5]!);
      }
      place.needsUpdate = normal.needsUpdate = true;
      geometry.computeBoundingSphere();
    }
  }

  /** Whether lamps cast shadows; where they do not, it is dark under things. */
  shade(shadows: boolean): void {
    if (this.contact) this.contact.mesh.visible = !shadows;
  }

  /** Where an eye is now: a camera's world transform. */
  see(eye: Eye, camera: THREE.PerspectiveCamera): void {
    const pose = new THREE.Object3D();
    set(pose, eye.position_m, eye.quat_wxyz);
    (this.frames[eye.frame] ?? this.group).add(pose);
    this.group.updateMatrixWorld(true);
    pose.getWorldPosition(camera.position);
    pose.getWorldQuaternion(camera.quaternion);
    pose.removeFromParent();
    camera.quaternion.multiply(OPENCV_FROM_THREE);
    camera.fov = eye.fov_y_deg;
    camera.updateProjectionMatrix();
  }

  frameName(frame: number): string {
    return this.frames[frame]?.name ?? "";
  }

  /** All that is drawn of a thing. */
  of(name: string): THREE.Mesh[] {
    return this.surfaces.filter((surface) => surface.userData["thing"] === name);
  }

  dispose(): void {
    this.group.removeFromParent();
    for (const whole of this.wholes) whole.dispose();
    this.contact?.dispose();
    for (const surface of this.surfaces) {
      surface.geometry.dispose();
      (surface.material as THREE.Material).dispose();
    }
  }

  private add(shape: Shape, thing: string | null, meshes: Record<string, THREE.BufferGeometry>, pictures: Record<string, THREE.Texture>): void {
    const geometry = shape.mesh ? meshes[shape.mesh]!.clone() : plain(shape);
    if (shape.texture && !shape.uv) lay(geometry);
    const surface = new THREE.Mesh(geometry, stuff(shape, shape.texture ? pictures[shape.texture] : undefined));
    set(surface, shape.position_m, shape.quat_wxyz);
    surface.castShadow = shape.kind !== "plane";
    surface.receiveShadow = true;
    surface.userData = { thing, part: shape.part };
    if (shape.kind === "soft") {
      surface.frustumCulled = false;
      this.softs.push(geometry);
    }
    this.surfaces.push(surface);
    (this.frames[shape.frame] ?? this.group).add(surface);
  }

  private light(lamp: Lamp): void {
    const color = new THREE.Color(...lamp.rgb);
    const most = Math.max(color.r, color.g, color.b, 1e-6);
    color.multiplyScalar(1 / most);
    const at = new THREE.Vector3(...lamp.position_m);
    const way = new THREE.Vector3(...lamp.direction).normalize();
    const made = lamp.sun
      ? new THREE.DirectionalLight(color, 4.2 * most)
      : lamp.spread_deg >= 360
        ? new THREE.PointLight(color, 6 * most, 0, 2)
        : new THREE.SpotLight(color, 14 * most, 0, (Math.PI * lamp.spread_deg) / 360, 0.5, 2);
    made.position.copy(lamp.sun ? way.clone().multiplyScalar(-12) : at);
    if (!(made instanceof THREE.PointLight)) made.target.position.copy(lamp.sun ? new THREE.Vector3() : at.clone().add(way));
    if (lamp.shadow && made instanceof THREE.DirectionalLight) {
      made.castShadow = true;
      made.shadow.mapSize.set(2048, 2048);
      made.shadow.normalBias = 0.006;
      made.shadow.radius = 3;
      Object.assign(made.shadow.camera, { left: -3.2, right: 3.2, top: 3.2, bottom: -3.2, near: 0.5, far: 30 });
    }
    const holder = this.frames[lamp.frame] ?? this.group;
    holder.add(made);
    if (!(made instanceof THREE.PointLight)) holder.add(made.target);
  }
}

function set(object: THREE.Object3D, at: [number, number, number], [w, x, y, z]: [number, number, number, number]): void {
  object.position.set(...at);
  object.quaternion.set(x, y, z, w);
}

function plain(shape: Shape): THREE.BufferGeometry {
  const [x, y, z] = shape.size_m;
  switch (shape.kind) {
    case "box":
      return new THREE.BoxGeometry(2 * x, 2 * y, 2 * z);
    case "sphere":
      return new THREE.SphereGeometry(x, 40, 24);
    case "ellipsoid":
      return new THREE.SphereGeometry(1, 40, 24).scale(x, y, z);
    case "capsule":
      return new THREE.CapsuleGeometry(x, 2 * y, 12, 32).rotateX(Math.PI / 2);
    case "cylinder":
      return new THREE.CylinderGeometry(x, x, 2 * y, 48).rotateX(Math.PI / 2);
    case "plane":
      return new THREE.PlaneGeometry(2 * (x || ENDLESS_M), 2 * (y || ENDLESS_M));
    default:
      throw new Error(`a ${shape.kind} without its mesh`);
  }
}

/** Lay a picture on along the nearest axis of the thing, by the metre. */
function lay(geometry: THREE.BufferGeometry): void {
  const place = geometry.getAttribute("position");
  const normal = geometry.getAttribute("normal");
  const uv = new Float32Array(2 * place.count);
  for (let k = 0; k < place.count; k++) {
    const [nx, ny, nz] = [Math.abs(normal.getX(k)), Math.abs(normal.getY(k)), Math.abs(normal.getZ(k))];
    const [u, v] =
      nz >= nx && nz >= ny ? [place.getX(k), place.getY(k)] : nx > ny ? [place.getY(k), place.getZ(k)] : [place.getX(k), place.getZ(k)];
    uv.set([u, v], 2 * k);
  }
  geometry.setAttribute("uv", new THREE.BufferAttribute(uv, 2));
}

function stuff(shape: Shape, map: THREE.Texture | undefined): THREE.MeshStandardMaterial | THREE.MeshLambertMaterial {
  const [r, g, b, a] = shape.rgba;
  const color = new THREE.Color().setRGB(r, g, b, THREE.SRGBColorSpace);
  const plain = {
    color,
    emissive: color.clone().multiplyScalar(shape.emission),
    transparent: a < 1,
    opacity: a,
    depthWrite: a >= 1,
    side: shape.kind === "soft" || a < 1 ? THREE.DoubleSide : THREE.FrontSide,
  };
  const roughness = Math.max(0.12, 0.95 - 0.8 * shape.shininess);
  const metalness = Math.min(0.9, 1.6 * shape.reflectance);
  const made = Portrait.plainly ? new THREE.MeshLambertMaterial(plain) : new THREE.MeshStandardMaterial({ ...plain, roughness, metalness });
  if (map) {
    const own = map.clone();
    own.repeat.set(...shape.repeat);
    made.map = own;
    if (shape.kind === "plane") fade(made, meanOf(map.image as CanvasImageSource));
  }
  return made;
}

/** A picture that is laid on again and again becomes its mean far away, where one would see stripes of it. */
function fade(stuff: THREE.Material, [r, g, b]: [number, number, number]): void {
  const mean = `vec3( ${r.toFixed(4)}, ${g.toFixed(4)}, ${b.toFixed(4)} )`;
  stuff.onBeforeCompile = (shader) => {
    shader.fragmentShader = shader.fragmentShader.replace(
      "#include <map_fragment>",
      `vec4 near = texture2D( map, vMapUv );
      diffuseColor.rgb *= mix( near.rgb, ${mean}, smoothstep( ${NEAR_M.toFixed(1)}, ${FAR_M.toFixed(1)}, vFogDepth ) );`,
    );
  };
  stuff.customProgramCacheKey = () => mean;
}

/** The mean of a picture, as light. */
function meanOf(image: CanvasImageSource): [number, number, number] {
  const pen = new OffscreenCanvas(1, 1).getContext("2d")!;
  pen.imageSmoothingQuality = "high";
  pen.drawImage(image, 0, 0, 1, 1);
  const [r, g, b] = pen.getImageData(0, 0, 1, 1).data;
  const { r: x, g: y, b: z } = new THREE.Color().setRGB(r! / 255, g! / 255, b! / 255, THREE.SRGBColorSpace);
  return [x, y, z];
}

async function each<T>(urls: Record<string, string>, make: (url: string) => Promise<T>): Promise<Record<string, T>> {
  const made = await Promise.all(Object.entries(urls).map(async ([name, digest]) => [name, await make(`/api/blobs/${digest}`)] as const));
  return Object.fromEntries(made);
}

async function mesh(url: string): Promise<THREE.BufferGeometry> {
  const data = await (await fetch(url)).arrayBuffer();
  const [corners, triangles] = new Uint32Array(data, 0, 2) as unknown as [number, number];
  const both = new THREE.InterleavedBuffer(new Float32Array(data, 8, 8 * corners), 8);
  const index = new Uint32Array(data, 8 + 32 * corners, 3 * triangles);
  const geometry = new THREE.BufferGeometry();
  for (const [name, at, size] of [["position", 0, 3], ["normal", 3, 3], ["uv", 6, 2]] as const) {
    const from = new THREE.InterleavedBufferAttribute(both, size, at);
    const own = new Float32Array(size * corners);
    for (let k = 0; k < corners; k++) for (let c = 0; c < size; c++) own[size * k + c] = from.getComponent(k, c);
    geometry.setAttribute(name, new THREE.BufferAttribute(own, size));
  }
  geometry.setIndex(new THREE.BufferAttribute(index.slice(), 1));
  return geometry;
}

async function picture(url: string): Promise<THREE.Texture> {
  const made = await new THREE.TextureLoader().loadAsync(url);
  made.wrapS = made.wrapT = THREE.RepeatWrapping;
  made.colorSpace = THREE.SRGBColorSpace;
  if (Portrait.plainly) made.minFilter = THREE.LinearMipmapNearestFilter; // anything finer takes longer than all the rest
  else made.anisotropy = 8;
  return made;
}
