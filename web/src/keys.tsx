// The keys: one table, from which they work and from which their sheet is made.

import { useEffect, useRef } from "preact/hooks";
import { SNAP_DEG, SNAP_M } from "./gizmo";
import { Close } from "./icons";
import * as clock from "./clock";
import * as plans from "./plans";
import * as store from "./store";

interface Key {
  /** As it stands on the sheet. */
  shown: string;
  does: string;
  group: "Time" | "The picture" | "The selected thing" | "The page";
  /** `event.key`, in lower case if it is a letter. */
  keys: string[];
  /** Whether it also works while somebody drives: the letters and arrows are the body's then. */
  always?: boolean;
  changes?: boolean;
  run: (event: KeyboardEvent) => void;
}

const WAKE_MS = 600;
const LARGE = 5;
const SMALL = 0.1;
let escaped = -WAKE_MS;

const tool = (which: store.Tool) => () => (store.tool.value = which);

function nudge(event: KeyboardEvent): void {
  const thing = store.thing.value;
  if (!thing?.position_m) return;
  const far = SNAP_M * (event.shiftKey ? LARGE : event.altKey ? SMALL : 1);
  const by = { ArrowRight: [far, 0, 0], ArrowLeft: [-far, 0, 0], ArrowUp: [0, far, 0], ArrowDown: [0, -far, 0], PageUp: [0, 0, far], PageDown: [0, 0, -far] }[event.key];
  if (by) void plans.move(thing, thing.position_m.map((v, i) => v + by[i]!) as [number, number, number]);
}

function spin(way: number): void {
  if (store.thing.value?.position_m) void plans.turn(store.thing.value, way * SNAP_DEG);
}

function next(way: number): void {
  const names = store.outline.value?.things.map((one) => one.name) ?? [];
  const at = names.indexOf(store.selected.value ?? "");
  if (names.length) store.select(names[(at + way + names.length) % names.length]!);
}

function escape(event: KeyboardEvent): void {
  if (event.timeStamp - escaped < WAKE_MS) store.wake();
  escaped = event.timeStamp;
  store.select(null);
  store.driving.value = null;
  store.panel.value = "none";
  store.tool.value = "look";
}

export const KEYS: Key[] = [
  { shown: "Space", does: "play, pause", group: "Time", keys: [" "], changes: true, run: clock.toggle },
  { shown: "[  ]", does: "one tick back, on", group: "Time", keys: ["[", "]"], changes: true, run: (e) => (e.key === "]" ? clock.stepOn() : void clock.seek(Math.max(0, clock.aim() - 1))) },
  { shown: "F", does: "fork: a branch from here", group: "Time", keys: ["f"], changes: true, run: clock.fork },
  { shown: "Ctrl  Z", does: "undo", group: "Time", keys: ["ctrl+z"], always: true, changes: true, run: () => void store.ask({ do: "undo" }) },
  { shown: "Ctrl  Shift  Z", does: "redo", group: "Time", keys: ["ctrl+shift+z", "ctrl+y"], always: true, changes: true, run: () => void store.ask({ do: "redo" }) },
  { shown: "C", does: "compare branches", group: "Time", keys: ["c"], run: () => (store.line.value?.nodes.length ?? 0) > 1 && (store.comparing.value = true) },
  { shown: "R", does: "record: keep this branch", group: "Time", keys: ["r"], changes: true, run: () => store.welcome.value?.keep && (store.keeping.value = "asking") },
  { shown: "1  …  9", does: "look from a camera", group: "The picture", keys: [..."123456789"], run: (e) => (store.eye.value = store.eyes.value[Number(e.key) - 1] ?? store.eye.value) },
  { shown: "V  G  T  P", does: "look, move, turn, push", group: "The picture", keys: ["v", "g", "t", "p"], run: (e) => tool(({ v: "look", g: "move", t: "turn", p: "push" } as const)[e.key.toLowerCase() as "v"])() },
  { shown: "X", does: `snap to ${100 * SNAP_M} cm and ${SNAP_DEG}°`, group: "The picture", keys: ["x"], run: () => (store.snap.value = !store.snap.value) },
  { shown: "H", does: "frame the selected thing, or all", group: "The picture", keys: ["h"], run: () => store.frame.value() },
  { shown: "\\", does: "the picture alone", group: "The picture", keys: ["\\"], run: () => (store.immersed.value = !store.immersed.value) },
  { shown: "N  B", does: "the next thing, the one before", group: "The selected thing", keys: ["n", "b"], run: (e) => next(e.key.toLowerCase() === "n" ? 1 : -1) },
  { shown: "arrows", does: `nudge by ${100 * SNAP_M} cm (Shift more, Alt less)`, group: "The selected thing", keys: ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"], changes: true, run: nudge },
  { shown: "Page Up  Page Down", does: "nudge up, down", group: "The selected thing", keys: ["PageUp", "PageDown"], changes: true, run: nudge },
  { shown: ",  .", does: `turn by ${SNAP_DEG}°`, group: "The selected thing", keys: [",", "."], changes: true, run: (e) => spin(e.key === "," ? 1 : -1) },
  { shown: "Delete", does: "remove it", group: "The selected thing", keys: ["Delete"], changes: true, run: () => store.selected.value && void store.ask({ do: "say", text: "remove it", selected: [store.selected.value] }) },
  { shown: "/", does: "say what should change", group: "The page", keys: ["/"], always: true, run: () => store.toSentence.value() },
  { shown: "S", does: "signals to watch", group: "The page", keys: ["s"], run: () => (store.choosing.value = !store.choosing.value) },
  { shown: "E", does: "events", group: "The page", keys: ["e"], run: () => (store.tab.value = store.tab.value === "events" ? "about" : "events") },
  { shown: "?", does: "these keys", group: "The page", keys: ["?"], always: true, run: () => (store.sheet.value = "keys") },
  { shown: "Esc", does: "let go of everything", group: "The page", keys: ["Escape"], always: true, run: escape },
  { shown: "Esc  Esc", does: "wake up: leave the world", group: "The page", keys: [], run: () => {} },
];

/** Follow the keys, unless somebody types or something is over the world. */
export function listen(): void {
  addEventListener("keydown", (event) => {
    const on = event.target as HTMLElement;
    const typing = on instanceof HTMLInputElement || on instanceof HTMLTextAreaElement || on instanceof HTMLSelectElement;
    if (typing || store.covered.value || event.defaultPrevented) return;
    const letter = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const held = event.ctrlKey || event.metaKey;
    const said = held ? `ctrl+${event.shiftKey ? "shift+" : ""}${letter}` : letter;
    if (!store.letters.value && event.key.length === 1 && !held && event.key !== " " && event.key !== "?") return;
    const key = KEYS.find((one) => one.keys.includes(said));
    if (!key || (store.driving.value && !key.always)) return;
    if (key.changes && store.welcome.value?.seat !== "owner") return;
    if (on instanceof HTMLButtonElement && (event.key === " " || event.key === "Enter")) return;
    event.preventDefault();
    key.run(event);
  });
}

export function KeySheet() {
  const card = useRef<HTMLElement>(null);
  useEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    card.current?.focus();
    const leave = (event: KeyboardEvent) => event.key === "Escape" && (store.sheet.value = "none");
    addEventListener("keydown", leave);
    return () => {
      removeEventListener("keydown", leave);
      before?.focus?.();
    };
  }, []);
  const groups = [...new Set(KEYS.map((key) => key.group))];
  return (
    <div class="gate over" role="dialog" aria-modal="true" aria-labelledby="keys-title" onClick={(event) => event.target === event.currentTarget && (store.sheet.value = "none")}>
      <section ref={card} class="card keys-card" tabIndex={-1}>
        <header class="bar-of-sheet">
          <h1 id="keys-title">Keys</h1>
          <button class="tool" aria-label="Close" onClick={() => (store.sheet.value = "none")}>
            <Close />
          </button>
        </header>
        <div class="sheet-of-keys">
          {groups.map((group) => (
            <section key={group}>
              <h2>{group}</h2>
              <dl class="pairs">
                {KEYS.filter((key) => key.group === group).map((key) => [
                  <dt key={key.shown}>{key.does}</dt>,
                  <dd key={`${key.shown}.`}>
                    {key.shown.split("  ").map((one) => (
                      <kbd key={one}>{one}</kbd>
                    ))}
                  </dd>,
                ])}
              </dl>
            </section>
          ))}
        </div>
        <label class="checks">
          <span>
            <input type="checkbox" checked={store.letters.value} onChange={() => (store.letters.value = !store.letters.value)} /> Single letters are keys
          </span>
        </label>
        <p class="quiet">While you move a body, letters and arrows are its own; Esc lets go of it. In the picture: drag to look about, right-drag to shift, wheel to come nearer; drag a hand to lead it.</p>
      </section>
    </div>
  );
}
