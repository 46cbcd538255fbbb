// Where what is seen comes from: in words, and as a frame that cannot be switched off.

import * as store from "./store";

export const ORIGINS: Record<string, [string, string]> = {
  simulated: ["Simulated", "computed by a physics engine"],
  dreamed: ["Dreamed", "imagined by a learned model"],
  measured: ["Measured", "recorded in the real world"],
  edited: ["Edited", "changed by hand"],
  mixed: ["Mixed", "of several origins"],
};

/** Who made what is seen: always there. */
export function Frame() {
  return <div class={`frame ${store.welcome.value?.origin ?? "simulated"}`} aria-hidden="true" />;
}

export function Badge({ origin }: { origin: string }) {
  return (
    <span class={`badge ${origin}`} title={ORIGINS[origin]?.[1]}>
      {ORIGINS[origin]?.[0] ?? origin}
    </span>
  );
}

/** While a recording is gone along: that it is one; and the way in, where there is one. */
export function Replayed() {
  const line = store.line.value;
  const welcome = store.welcome.value;
  if (!line?.recorded || !welcome || line.node !== 0 || line.tick > line.recorded) return null;
  const only = welcome.engine.startsWith("recording");
  return (
    <>
      <span class="badge recorded" title="This has been recorded, and is shown again">
        Replayed
      </span>
      {!only && welcome.seat === "owner" && (
        <button class="chip" title="Go on otherwise from here: a branch beside the recording" onClick={() => void store.ask({ do: "play", speed: line.speed, along: false })}>
          Step in here
        </button>
      )}
    </>
  );
}
