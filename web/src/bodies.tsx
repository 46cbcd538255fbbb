// Taking a body.

import { meaning } from "./drive";
import * as store from "./store";

const TAKING: Record<string, string> = { "": "Play", walker: "Walk", hand: "Take the hand", pusher: "Take the pusher", free_camera: "Fly" };

/** Taking a body: a chip for each embodiment that keys can move. */
export function Bodies() {
  const actions = (store.welcome.value?.actions ?? []).filter((one) => meaning(one).length > 0);
  const driven = actions.find((one) => one.name === store.driving.value);
  if (!actions.length || store.welcome.value?.seat === "guest") return null;
  return (
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
      {driven && (
        <p class="keys">
          {meaning(driven).map(([keys, what]) => (
            <span key={keys}>
              <kbd>{keys}</kbd> {what}
            </span>
          ))}
        </p>
      )}
    </div>
  );
}
