// What was done and refused.

import * as store from "./store";

/** What has been done and refused, for those who do not see the picture too. */
export function Log() {
  const last = store.log.value.slice(-3);
  return (
    <div class="log" role="log" aria-live="polite">
      {last.map((one) => (
        <p key={one.at + one.text} class={one.kind}>
          {one.text}
        </p>
      ))}
    </div>
  );
}
