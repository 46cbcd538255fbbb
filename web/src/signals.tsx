// Which signals are watched: the button in the head, and the menu it opens.

import { useEffect, useRef, useState } from "preact/hooks";
import { Signal } from "./icons";
import * as store from "./store";
import { plain } from "./told";
import type { Offered } from "./said";

const MOST = 8;
const FAMILIES: Record<string, string> = { see: "Seen", touch: "Touched", hear: "Heard", range: "Ranged", tell: "Told", be: "How things are", log: "Recorded" };

/** What a stream is called: its signal, and whose it is. */
export function streamName(stream: string): [string, string] {
  const [signal, of] = stream.split("@");
  return [plain(signal!.replace(/_(m|j|n|px|rad|m_s|m_s2|rad_s|n_s|kg)$/, "")), of ? plain(of) : ""];
}

/** Watch it, or no longer; of too many the first goes. */
export const toggle = (stream: string) =>
  (store.watched.value = store.watched.value.includes(stream) ? store.watched.value.filter((one) => one !== stream) : [...store.watched.value, stream].slice(-MOST));

/** The button in the head, and the menu it opens. */
export function SignalsButton() {
  const many = store.watched.value.length;
  const offered = store.welcome.value?.signals ?? [];
  if (!offered.length) return null;
  return (
    <button class="tool" aria-label="Signals" title="Signals to watch (S)" aria-haspopup="dialog" aria-expanded={store.choosing.value} aria-pressed={many > 0} onClick={() => (store.choosing.value = !store.choosing.value)}>
      <Signal />
    </button>
  );
}

export function SignalsMenu() {
  const menu = useRef<HTMLDivElement>(null);
  const [filter, setFilter] = useState("");
  useEffect(() => {
    if (!store.choosing.value) return;
    menu.current?.querySelector("input")?.focus();
    const leave = (event: PointerEvent) => !menu.current?.contains(event.target as Node) && !(event.target as HTMLElement).closest("[aria-haspopup]") && (store.choosing.value = false);
    addEventListener("pointerdown", leave);
    return () => removeEventListener("pointerdown", leave);
  }, [store.choosing.value]);
  if (!store.choosing.value) return null;
  const offered = store.welcome.value?.signals ?? [];
  const found = offered.filter((one) => plain(`${one.signal} ${one.meaning}`).toLowerCase().includes(filter.toLowerCase()));
  const families = [...new Set(found.map((one) => one.family))];
  return (
    <div
      ref={menu}
      class="menu signals"
      role="dialog"
      aria-label="Signals to watch"
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        store.choosing.value = false;
      }}
    >
      <input type="search" placeholder={`Find among ${offered.length} signals`} aria-label="Find a signal" value={filter} onInput={(e) => setFilter(e.currentTarget.value)} />
      {families.map((family) => (
        <section key={family}>
          <h3>{FAMILIES[family] ?? plain(family)}</h3>
          {found.filter((one) => one.family === family).map((one) => (
            <Choice key={one.signal} of={one} />
          ))}
        </section>
      ))}
      {found.length === 0 && <p class="quiet">No signal is called so.</p>}
      <p class="quiet num">
        {store.watched.value.length} of at most {MOST} panes
      </p>
    </div>
  );
}

function Choice({ of }: { of: Offered }) {
  const many = of.streams.length > 1;
  return (
    <div class="signal" title={of.meaning}>
      {many && <span>{streamName(of.signal)[0]}</span>}
      <span class="chips">
        {of.streams.map((stream) => (
          <button key={stream} class="chip" aria-pressed={store.watched.value.includes(stream)} aria-label={stream} onClick={() => toggle(stream)}>
            {many ? streamName(stream)[1] : streamName(stream).filter(Boolean).join(" · ")}
          </button>
        ))}
      </span>
      <small>{of.unit === "1" ? "" : of.unit}</small>
    </div>
  );
}
