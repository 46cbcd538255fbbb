// What is said of an episode: its title, whether it came out well, tags, notes, a flag. Saved when one says so, and undone likewise.

import { useState } from "preact/hooks";
import type { Episode } from "./episode";

const OURS = ["success", "tags", "notes", "flag"];

export function Labels({ episode, busy, onSay }: { episode: Episode; busy: boolean; onSay: (title: string, labels: Record<string, string | null>) => void }) {
  const was = { title: episode.title, success: "", tags: "", notes: "", flag: "", ...pick(episode.labels) };
  const [said, setSaid] = useState(was);
  const now = JSON.stringify(was);
  const [seen, setSeen] = useState(now);
  if (seen !== now) {
    setSeen(now); // saved, or undone
    setSaid(was);
  }
  const changed = JSON.stringify(said) !== now;
  const set = (word: keyof typeof was) => (event: { currentTarget: { value: string } }) => setSaid({ ...said, [word]: event.currentTarget.value });
  const others = Object.entries(episode.labels).filter(([name, text]) => !OURS.includes(name) && text);
  return (
    <form
      class="labels"
      onSubmit={(event) => {
        event.preventDefault();
        const { title, ...labels } = said;
        onSay(title, Object.fromEntries(Object.entries(labels).map(([name, text]) => [name, text.trim() || null])));
      }}
    >
      <label class="field">
        Title
        <input type="text" maxLength={200} value={said.title} onInput={set("title")} />
      </label>
      <fieldset>
        <legend>Did it come out well?</legend>
        {[
          ["yes", "Yes"],
          ["no", "No"],
          ["", "Not said"],
        ].map(([value, name]) => (
          <label key={name}>
            <input type="radio" name="success" checked={said.success === value} onChange={() => setSaid({ ...said, success: value! })} /> {name}
          </label>
        ))}
      </fieldset>
      <label class="field">
        Tags, with commas between
        <input type="text" maxLength={400} value={said.tags} onInput={set("tags")} />
      </label>
      <label class="field">
        Notes
        <textarea rows={2} maxLength={4000} value={said.notes} onInput={set("notes")} />
      </label>
      <label class="field">
        Flag: what is wrong with it
        <input type="text" maxLength={400} value={said.flag} placeholder="nothing" onInput={set("flag")} />
      </label>
      {(changed || busy) && (
        <button class="main" disabled={busy}>
          {busy ? "Saving…" : "Save"}
        </button>
      )}
      {others.length > 0 && (
        <dl class="pairs">
          {others.map(([name, text]) => [
            <dt key={name}>{name.replaceAll("_", " ")}</dt>,
            <dd key={`${name} said`}>{text}</dd>,
          ])}
        </dl>
      )}
    </form>
  );
}

function pick(labels: Record<string, string>): Record<string, string> {
  return Object.fromEntries(OURS.filter((name) => labels[name] !== undefined).map((name) => [name, labels[name]!]));
}
