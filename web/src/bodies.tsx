// Taking a body: a button for each embodiment that can be moved, the keys that move it, and sticks where one touches.

import { useRef } from "preact/hooks";
import { meaning, sticks } from "./drive";
import * as store from "./store";

const TAKING: Record<string, string> = { "": "Play", walker: "Walk", hand: "Take the hand", pusher: "Take the pusher", free_camera: "Fly" };

export function Bodies() {
  const actions = (store.welcome.value?.actions ?? []).filter((one) => meaning(one).length > 0);
  const driven = actions.find((one) => one.name === store.driving.value);
  if (!actions.length || store.welcome.value?.seat === "guest") return null;
  const shown = driven ? sticks(driven) : null;
  return (
    <>
      <div class="bodies">
        {actions.map((one) => (
          <button
            key={one.name}
            class="chip"
            aria-pressed={driven === one}
            onClick={(event) => {
              store.driving.value = driven === one ? null : one.name;
              event.currentTarget.blur();
            }}
          >
            {driven === one ? "Let go" : (TAKING[one.kind] ?? `Move the ${one.name}`)}
          </button>
        ))}
      </div>
      {driven && (
        <p class="hint keys">
          {meaning(driven).map(([keys, what]) => (
            <span key={keys}>
              <kbd>{keys}</kbd> {what}
            </span>
          ))}
          <span>{driven.labels.includes("x_m_s") ? "or drag it" : driven.labels.includes("forward_m_s") ? "or drag to turn" : ""}</span>
        </p>
      )}
      {shown?.left && <Stick side="left" />}
      {shown?.right && !shown.grip && <Stick side="right" />}
      {shown?.grip && (
        <div class="grips">
          <button onPointerDown={() => lean("right", [0, 1])} onPointerUp={() => lean("right", [0, 0])}>
            up
          </button>
          <button onPointerDown={() => lean("right", [0, -1])} onPointerUp={() => lean("right", [0, 0])}>
            down
          </button>
          <button aria-pressed={store.lean.value.grip} onClick={() => (store.lean.value = { ...store.lean.value, grip: !store.lean.value.grip })}>
            grip
          </button>
        </div>
      )}
    </>
  );
}

function lean(side: "left" | "right", to: [number, number]): void {
  store.lean.value = { ...store.lean.value, [side]: to };
}

function Stick({ side }: { side: "left" | "right" }) {
  const pad = useRef<HTMLDivElement>(null);
  const [x, y] = store.lean.value[side];
  const pull = (event: PointerEvent) => {
    if (event.type === "pointermove" && !event.buttons) return;
    const box = pad.current!.getBoundingClientRect();
    if (event.type === "pointerdown") pad.current!.setPointerCapture(event.pointerId);
    const half = box.width / 2;
    let [right, up] = [(event.clientX - box.left - half) / (0.7 * half), -(event.clientY - box.top - half) / (0.7 * half)];
    const far = Math.hypot(right, up);
    if (far > 1) [right, up] = [right / far, up / far];
    lean(side, [right, up]);
  };
  const rest = () => lean(side, [0, 0]);
  return (
    <div ref={pad} class={`stick ${side}`} aria-hidden="true" onPointerDown={pull} onPointerMove={pull} onPointerUp={rest} onPointerCancel={rest}>
      <i style={{ translate: `${x * 2}rem ${-y * 2}rem` }} />
    </div>
  );
}
