// The gate: what this is, before one enters.

import { ORIGINS } from "./origin";
import * as store from "./store";

/** What this is, before one enters; nothing is recorded unless asked for. */
export function Gate() {
  const welcome = store.welcome.value;
  if (!welcome) return <div class="gate"><p class="quiet">The world is being made…</p></div>;
  const [name, meaningOf] = ORIGINS[welcome.origin] ?? [welcome.origin, ""];
  return (
    <div class="gate" role="dialog" aria-labelledby="gate-title">
      <section class="card">
        <p class={`badge ${welcome.origin}`}>{name}</p>
        <h1 id="gate-title">{welcome.title}</h1>
        <dl>
          <dt>What it is</dt>
          <dd>
            {welcome.engine.startsWith("game") ? "computed by a game" : meaningOf}: <span class="mono">{welcome.engine.replace(/^(physics|game) /, "")}</span>. It is
            not the real world, and shows no real person.
          </dd>
          <dt>What it cannot do</dt>
          <dd>{welcome.cannot.length ? welcome.cannot.join(", ") : "nothing is left out"}</dd>
          <dt>Recording</dt>
          <dd>
            {welcome.keep ? "Off. Nothing is kept unless you ask for it, are told what, and say yes." : "Off. Nothing you do here is kept beyond this session."}
          </dd>
          <dt>Your seat</dt>
          <dd>{welcome.seat === "owner" ? "You own this session." : "You are a guest: you can look."}</dd>
        </dl>
        <button class="main" autofocus onClick={() => (store.entered.value = true)}>
          Enter
        </button>
        <p class="quiet">
          Leave at any time: <kbd>Esc</kbd> <kbd>Esc</kbd>
        </p>
      </section>
    </div>
  );
}
