// The head of the workspace: what this is, where one looks from, how fast it goes.

import { Keeping } from "./keep";
import { ORIGINS } from "./origin";
import * as store from "./store";

export function Head() {
  const welcome = store.welcome.value!;
  const [name] = ORIGINS[welcome.origin] ?? [welcome.origin];
  return (
    <header class="head">
      <div class="what">
        <span class={`badge ${welcome.origin}`}>{name}</span>
        <h1>{welcome.title}</h1>
      </div>
      <nav class="views" aria-label="Cameras">
        {store.eyes.value.map((eye) => (
          <button key={eye} class="chip" aria-pressed={store.eye.value === eye} onClick={() => (store.eye.value = eye)}>
            {eye.replaceAll("_", " ")}
          </button>
        ))}
      </nav>
      <p class="hud mono" aria-label="Pictures a second, and milliseconds from a key to what it did">
        <Keeping />
        <span>{store.fps} fps</span>
        {store.latency.value !== null && <span>{Math.round(store.latency.value)} ms</span>}
        {welcome.seat === "guest" && <span>guest</span>}
        {!store.connected.value && <span class="warn">reconnecting…</span>}
      </p>
    </header>
  );
}
