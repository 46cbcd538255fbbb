// The sentence line: what should change, in words.

import { useEffect, useRef, useState } from "preact/hooks";
import * as store from "./store";

/** What could be said here, of the things that are here. */
function examples(): string[] {
  const facts = store.outline.value?.facts.filter(([predicate, , b]) => predicate === "on" && b && b !== "ground") ?? [];
  const said = (name: string | undefined) => (name ?? "").replaceAll("_", " ");
  const [first, last] = [facts[0], facts.at(-1)];
  const made = first && last ? [`put a glass on the ${said(first[2])}`, `move the ${said(last[1])} to the left`, `remove the ${said(first[1])}`] : [];
  return [...made, "make it 8 pm"];
}

/** The sentence: read while it is typed, followed at Enter. */
export function Sentence() {
  const [text, setText] = useState("");
  const [busy, setBusy] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const past = useRef<string[]>([]);
  const at = useRef(0);

  useEffect(() => {
    if (!text.trim()) {
      store.reading.value = null;
      store.ghosts.value = [];
      store.trouble.value = null;
      return;
    }
    const timer = setTimeout(() => void store.read(text), 180);
    return () => clearTimeout(timer);
  }, [text]);

  useEffect(() => {
    const focus = (event: KeyboardEvent) => {
      if (event.key === "/" && !(event.target instanceof HTMLInputElement)) {
        event.preventDefault();
        input.current?.focus();
      }
    };
    addEventListener("keydown", focus);
    return () => removeEventListener("keydown", focus);
  }, []);

  async function follow(said: string) {
    if (!said.trim() || busy) return;
    setBusy(true);
    const done = await store.ask({ do: "say", text: said, selected: store.selected.value ? [store.selected.value] : [] });
    setBusy(false);
    past.current = [said, ...past.current.filter((one) => one !== said)].slice(0, 50);
    at.current = 0;
    if (done) setText("");
  }

  function key(event: KeyboardEvent) {
    if (event.key === "ArrowUp" && past.current.length) {
      setText(past.current[Math.min(at.current++, past.current.length - 1)] ?? "");
      event.preventDefault();
    } else if (event.key === "Escape") {
      setText("");
      input.current?.blur();
    }
  }

  const tries = examples();
  const trouble = text.trim() ? store.trouble.value : null;
  const reading = store.reading.value;
  return (
    <form
      class="sentence"
      onSubmit={(event) => {
        event.preventDefault();
        void follow(text);
      }}
    >
      {reading && (
        <p class="reading">
          <span>{reading.told}</span>
          <small class="mono">{Math.round(100 * reading.score)} %</small>
        </p>
      )}
      {trouble && (
        <p class="reading trouble" role="alert">
          <span>{trouble.question ?? trouble.message}</span>
          {trouble.suggestions.slice(0, 4).map((one) => (
            <button type="button" key={one} class="chip" onClick={() => setText(mended(text, trouble.span, one))}>
              {one}
            </button>
          ))}
        </p>
      )}
      <label class="line">
        <span class="sr">What should change?</span>
        <input
          ref={input}
          value={text}
          maxLength={2000}
          autocomplete="off"
          spellcheck={false}
          placeholder={`What should change?  Try: ${tries[0]}`}
          onInput={(event) => setText(event.currentTarget.value)}
          onKeyDown={key}
        />
        <button class="main" disabled={busy || !text.trim()}>
          {busy ? "…" : "Do it"}
        </button>
      </label>
      {!text && (
        <div class="chips quiet-chips">
          {tries.slice(1).map((one) => (
            <button type="button" key={one} class="chip" onClick={() => setText(one)}>
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
