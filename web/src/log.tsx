// What was done and refused, for those who do not see the picture too.

import { useEffect } from "preact/hooks";
import * as store from "./store";

const SHOWN_MS = 9_000;

export function Log() {
  const last = store.log.value.slice(-3);
  useEffect(() => {
    const [first] = store.log.value;
    if (!first) return;
    const timer = setTimeout(() => (store.log.value = store.log.value.filter((one) => Date.now() - one.at < SHOWN_MS)), first.at + SHOWN_MS - Date.now());
    return () => clearTimeout(timer);
  }, [store.log.value]);
  return (
    <div class="log" role="log" aria-live="polite" aria-label="What was done">
      {last.map((one) => (
        <p key={one.at + one.text} class={one.kind}>
          {one.text}
        </p>
      ))}
    </div>
  );
}
