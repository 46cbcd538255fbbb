// The sentence line: what should change, in words. Read while it is typed, followed at Enter.

import { useEffect, useRef, useState } from "preact/hooks";
import * as store from "./store";
import { BUILT, plain } from "./told";
import type { Thing } from "./said";

const READ_AFTER_MS = 180;
const MOST_PAST = 50;
/** What could be said here, of the things that are here. */
function examples(): string[] {
  const outline = store.outline.value;
  const built = new Set(outline?.things.filter((one) => BUILT.has(one.kind)).map((one) => one.name));
  const on = outline?.facts.filter(([predicate, a, b]) => predicate === "on" && b && b !== "ground" && !built.has(a!) && !built.has(b)) ?? [];
  const [first, last] = [on[0], on.at(-1)];
  const joints = outline?.things.find((one: Thing) => Object.keys(one.joints ?? {}).length > 0);
  const lamp = outline?.things.find((one) => one.kind.includes("lamp"));
  const free = last?.[1] ?? outline?.things.find((one) => one.mass_kg !== undefined)?.name ?? outline?.things.findLast((one) => !BUILT.has(one.kind))?.name;
  return [
    first && `put a glass on the ${plain(first[2])}`,
    free && `push the ${plain(free)} at 1 m/s`,
    joints && `open the ${plain(joints.name)}`,
    lamp && `turn ${lamp.turned_on ? "off" : "on"} the ${plain(lamp.name)}`,
    free && `move the ${plain(free)} to the left`,
    (first || free) && `remove the ${plain(first?.[1] ?? free)}`,
    "make it 8 pm",
  ].filter((one): one is string => !!one);
}

export function Sentence() {
  const [text, setText] = useState("");
  const [busy, setBusy] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const under = useRef<HTMLSpanElement>(null);
  const past = useRef<string[]>([]);
  const at = useRef(-1);

  useEffect(() => {
    if (!text.trim()) {
      store.unread();
      return;
    }
    const timer = setTimeout(() => void store.read(text), READ_AFTER_MS);
    return () => clearTimeout(timer);
  }, [text]);
  useEffect(() => {
    store.toSentence.value = () => input.current?.focus();
  }, []);

  async function follow(said: string) {
    if (!said.trim() || busy) return;
    setBusy(true);
    const done = await store.ask({ do: "say", text: said, selected: store.selected.value ? [store.selected.value] : [] });
    setBusy(false);
    past.current = [said, ...past.current.filter((one) => one !== said)].slice(0, MOST_PAST);
    at.current = -1;
    if (done) setText("");
    else store.log.value = store.log.value.slice(0, -1); // what was wrong stands at the sentence
  }

  function key(event: KeyboardEvent) {
    const way = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (way && past.current.length) {
      at.current = Math.min(Math.max(-1, at.current + way), past.current.length - 1);
      setText(past.current[at.current] ?? "");
      event.preventDefault();
    } else if (event.key === "Escape") {
      if (!text) input.current?.blur();
      setText("");
      event.stopPropagation();
    }
  }

  const take = (said: string) => {
    setText(said);
    input.current?.focus();
  };
  const tries = examples();
  const trouble = text.trim() ? store.trouble.value : null;
  const reading = text.trim() ? store.reading.value : null;
  const guest = store.welcome.value?.seat === "guest";
  return (
    <form
      class="sentence"
      onSubmit={(event) => {
        event.preventDefault();
        void follow(text);
      }}
    >
      {reading && (
        <p class="reading" role="status">
          <span>{reading.told}</span>
          {reading.score < 0.995 && <small class="num">{Math.round(100 * reading.score)} % sure</small>}
        </p>
      )}
      {trouble && (
        <p class="reading trouble" role="alert">
          <span>{trouble.question ?? trouble.message}</span>
          {trouble.suggestions.slice(0, 4).map((one) => (
            <button type="button" key={one} class="chip" onClick={() => take(mended(text, trouble.span, one))}>
              {one}
            </button>
          ))}
        </p>
      )}
      <label class="line">
        <span class="sr">What should change?</span>
        <span class="typed">
          <span class="under" ref={under} aria-hidden="true">
            {trouble?.span && trouble.span[1] > trouble.span[0] && (
              <>
                {text.slice(0, trouble.span[0])}
                <mark>{text.slice(...trouble.span)}</mark>
              </>
            )}
          </span>
          <input
            ref={input}
            value={text}
            maxLength={2000}
            autocomplete="off"
            spellcheck={false}
            disabled={guest}
            placeholder={guest ? "Guests look on" : `What should change?  Try: ${tries[0]}`}
            onInput={(event) => setText(event.currentTarget.value)}
            onScroll={(event) => (under.current!.style.translate = `${-event.currentTarget.scrollLeft}px 0`)}
            onKeyDown={key}
          />
        </span>
        <button class="main" disabled={busy || !text.trim()}>
          {busy ? "…" : "Do it"}
        </button>
      </label>
      {!guest && (
        <div class="chips quiet-chips">
          {tries.map((one) => (
            <button type="button" key={one} class="chip" onClick={() => take(one)}>
              {one}
            </button>
          ))}
        </div>
      )}
    </form>
  );
}

/** The sentence with a suggestion where it was wrong; a whole sentence takes its place. */
function mended(text: string, span: [number, number] | null, suggestion: string): string {
  if (!span || suggestion.includes(" ") || span[1] <= span[0]) return suggestion.includes(" ") ? suggestion : `${text} ${suggestion}`;
  return text.slice(0, span[0]) + suggestion + text.slice(span[1]);
}
