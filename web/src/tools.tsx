// The tools of the picture: look about, move, turn, push.

import { Magnet, Move, Pointer, Push, Turn } from "./icons";
import * as store from "./store";

const TOOLS: [store.Tool, string, string, () => preact.JSX.Element][] = [
  ["look", "Look and select", "V", Pointer],
  ["move", "Move", "G", Move],
  ["turn", "Turn", "T", Turn],
  ["push", "Push", "P", Push],
];

/** What to do with a tool that has nothing to hold yet. */
const HINTS: Record<store.Tool, string> = {
  look: "",
  move: "Select a thing to move. Arrows nudge it.",
  turn: "Select a thing to turn.",
  push: "Drag from a thing: it is pushed that way.",
};

export function Tools() {
  const tool = store.tool.value;
  const hint = store.told.value ?? (tool === "push" || !store.thing.value ? HINTS[tool] : "");
  if (!store.welcome.value?.editable || store.welcome.value.seat === "guest" || !store.drawsItself.value) return null;
  return (
    <>
      <div class="palette" role="toolbar" aria-label="Tools" aria-orientation="vertical">
        {TOOLS.map(([name, label, key, Icon]) => (
          <button key={name} class="tool" aria-label={label} title={`${label} (${key})`} aria-pressed={tool === name} onClick={() => (store.tool.value = name)}>
            <Icon />
          </button>
        ))}
        <hr />
        <button class="tool" aria-label="Snap to 2 cm and 15°" title="Snap to 2 cm and 15° (X)" aria-pressed={store.snap.value} onClick={() => (store.snap.value = !store.snap.value)}>
          <Magnet />
        </button>
      </div>
      {hint && !store.driving.value && <p class="hint">{hint}</p>}
    </>
  );
}
