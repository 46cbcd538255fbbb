// Acting through an embodiment: by keys, by sticks on a touched screen, by the pointer. What each does follows from the names of the action's
// numbers.

import { effect } from "@preact/signals";
import * as store from "./store";
import type { ActionSpec } from "./said";

/** Label of a number → the keys that raise and lower it. */
const KEYS: Record<string, [string, string]> = {
  x_m_s: ["KeyD", "KeyA"],
  y_m_s: ["KeyW", "KeyS"],
  z_m_s: ["KeyE", "KeyQ"],
  x_m: ["KeyD", "KeyA"],
  y_m: ["KeyW", "KeyS"],
  forward_m_s: ["KeyW", "KeyS"],
  left_m_s: ["KeyA", "KeyD"],
  right_m_s: ["KeyD", "KeyA"],
  down_m_s: ["KeyQ", "KeyE"],
  turn_left_rad_s: ["ArrowLeft", "ArrowRight"],
  look_down_rad_s: ["ArrowDown", "ArrowUp"],
  about_z_rad_s: ["ArrowLeft", "ArrowRight"],
  about_x_rad_s: ["ArrowDown", "ArrowUp"],
};
/** Keys of games, by the labels they have there: those are pressed or not. */
const PRESSED: Record<string, string[]> = {
  left: ["ArrowLeft", "KeyA"],
  right: ["ArrowRight", "KeyD"],
  up: ["ArrowUp", "KeyW", "Space"],
  down: ["ArrowDown", "KeyS"],
};
/** Of numbers without a name (a Box of Gymnasium): the keys that raise and lower the first two. */
const NUMBERED: Record<string, [string, string]> = {
  number_0: ["ArrowRight", "ArrowLeft"],
  number_1: ["ArrowUp", ""],
  number_2: ["ArrowDown", ""],
};
/** Of two numbers without a name: where to. */
const PLANE: Record<string, [string, string]> = { number_0: ["ArrowRight", "ArrowLeft"], number_1: ["ArrowUp", "ArrowDown"] };
/** What a stick stands for: the key of its way to the right or up, and of the other. */
const STICKS: ["left" | "right", 0 | 1, string[], string[]][] = [
  ["left", 0, ["KeyD"], ["KeyA"]],
  ["left", 1, ["KeyW", "Space"], ["KeyS"]],
  ["right", 0, ["ArrowRight"], ["ArrowLeft"]],
  ["right", 1, ["ArrowUp", "KeyE"], ["ArrowDown", "KeyQ"]],
];
const PULLED = ["x_m_s", "y_m_s", "z_m_s"];
const SEND_MS = 33;
const PRESSED_FROM = 0.4;

/** The keys that move it, and what they do. */
export function meaning(spec: ActionSpec): [string, string][] {
  const said: [string, string][] = [];
  if (spec.labels.includes("x_m_s") || spec.labels.includes("forward_m_s")) said.push(["W A S D", "move"]);
  if (spec.labels.includes("z_m_s")) said.push(["Q E", "down, up"]);
  if (spec.labels.some((label) => label.startsWith("turn") || label.startsWith("about"))) said.push(["arrows", "turn"]);
  if (spec.labels.includes("grip")) said.push(["Space", "grip"]);
  if (spec.labels.includes("left") || spec.labels.includes("number_0")) said.push(["arrows", "play"]);
  return said;
}

/** The sticks it takes to move it by touch. */
export function sticks(spec: ActionSpec): { left: boolean; right: boolean; grip: boolean } {
  const turns = spec.labels.some((label) => label.startsWith("turn") || label.startsWith("about"));
  return { left: meaning(spec).length > 0, right: turns || spec.labels.includes("z_m_s"), grip: spec.labels.includes("grip") };
}

/** Send what is pressed and pulled while something is driven. */
export function drive(): void {
  const pressed = new Set<string>();
  let spec: ActionSpec | undefined;
  let timer = 0;

  effect(() => {
    const name = store.driving.value;
    clearInterval(timer);
    if (spec && spec.name !== name) store.act(spec.name, spec.rest);
    spec = store.welcome.value?.actions.find((one) => one.name === name);
    pressed.clear();
    store.lean.value = { left: [0, 0], right: [0, 0], grip: false };
    if (spec) timer = window.setInterval(send, SEND_MS);
  });

  /** How far a key is down, from 0 to 1: pressed, or a stick pushed its way. */
  function down(key: string): number {
    if (pressed.has(key)) return 1;
    for (const [side, axis, more, less] of STICKS) {
      const far = store.lean.value[side][axis];
      if ((far > 0 && more.includes(key)) || (far < 0 && less.includes(key))) return Math.abs(far);
    }
    return 0;
  }

  let before = "";
  function send(): void {
    if (!spec) return;
    const pulled = store.pulled.value;
    const value = spec.labels.map((label, i) => {
      const [rest, low, high] = [spec!.rest[i] ?? 0, spec!.low[i] ?? 0, spec!.high[i] ?? 0];
      if (label === "grip") return pressed.has("Space") || store.lean.value.grip ? low : rest;
      if (pulled && PULLED.includes(label)) return Math.min(high, Math.max(low, pulled[PULLED.indexOf(label)]!));
      if (label in PRESSED) return PRESSED[label]!.some((key) => down(key) > PRESSED_FROM) ? 1 : 0;
      const [more, less] = KEYS[label] ?? (spec!.labels.length === 2 ? PLANE : NUMBERED)[label] ?? ["", ""];
      const share = label.endsWith("_m_s") ? 0.7 : 0.5;
      if (down(more)) return rest + share * down(more) * (high - rest);
      if (down(less)) return rest + share * down(less) * (low - rest);
      return rest;
    });
    const said = JSON.stringify(value);
    if (said !== before) store.act(spec.name, value);
    before = said;
  }

  const typing = (event: KeyboardEvent) => event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement;
  window.addEventListener("keydown", (event) => {
    if (!spec || typing(event) || event.ctrlKey || event.metaKey) return;
    if (event.code === "Space" || event.code.startsWith("Arrow")) event.preventDefault();
    pressed.add(event.code);
  });
  window.addEventListener("keyup", (event) => pressed.delete(event.code));
  window.addEventListener("blur", () => pressed.clear());
}
