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
