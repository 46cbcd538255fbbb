// The gate: what this is, before one enters. What it is made of, what is to be done here, what is saved and what is recorded.

import { useEffect, useState } from "preact/hooks";
import { get, post } from "./api";
import { enter, wait } from "./clock";
import { ORIGINS } from "./origin";
import * as store from "./store";
import { plain } from "./told";

export function Gate() {
  const welcome = store.welcome.value;
  useEffect(wait, []);
  if (!welcome) {
    return (
      <div class="gate">
        <p class="quiet" role="status">
          The world is being made…
        </p>
      </div>
    );
  }
  const [name, meaning] = ORIGINS[welcome.origin] ?? [welcome.origin, ""];
  const goals = store.goals.value?.goals ?? [];
  const engine = welcome.engine.replace(/^(physics|game|dream|recording of|recording) /, "");
  const made = welcome.engine.startsWith("game") ? "computed by a game" : welcome.engine.startsWith("recording") ? `recorded, and shown again: ${meaning}` : meaning;
  const replayed = (store.line.value?.recorded ?? 0) > 0 && !welcome.engine.startsWith("recording");
  return (
    <div class="gate" role="dialog" aria-labelledby="gate-title">
      <section class="card" tabIndex={-1}>
        <p class={`badge ${welcome.origin}`}>{name}</p>
        <h1 id="gate-title">{plain(welcome.title)}</h1>
        {welcome.resumed && (
          <p class="resumed" role="status">
            {welcome.resumed}
          </p>
        )}
        <Foreign session={welcome.session} owner={welcome.seat === "owner"} />
        <dl>
          <dt>What it is</dt>
          <dd>
            {made}: <span class="mono">{engine}</span>.
            {replayed && " What you see first has been recorded, and is replayed; you step in where you like."}
            {["simulated", "dreamed"].includes(welcome.origin) && " It is not the real world, and shows no real person."}
            {welcome.origin === "mixed" && " Some of it may have been measured of real people: each signal says so of itself."}
          </dd>
          {goals.length > 0 && (
            <>
              <dt>What you could do here</dt>
              <dd>
                {goals
                  .slice(0, 4)
                  .map((goal) => goal.said.replace(/'([^']*)'/g, (_, of: string) => plain(of)))
                  .join(", then ")}
                {goals.length > 4 && `, and ${goals.length - 4} more`}.
              </dd>
            </>
          )}
          <dt>What it cannot do</dt>
          <dd>{welcome.cannot.length ? welcome.cannot.join(", ") : "nothing is left out"}</dd>
          <dt>
            <i class="dot" /> Recording: off
          </dt>
          <dd>{welcome.keep ? "Nothing is kept unless you ask for it, are told what, and say yes." : "Nothing you do here is kept beyond this session."}</dd>
          <dt>Saved</dt>
          <dd>
            {welcome.saved ? (
              <>
                As you go, on this machine alone: <span class="mono" title={welcome.saved}>{welcome.saved.split(/[/\\]/).at(-1)}</span>
              </>
            ) : (
              "Nothing: it is gone when the server is closed."
            )}
          </dd>
        </dl>
        <button class="main" autofocus onClick={enter}>
          Enter
        </button>
        <p class="quiet">
          {welcome.seat === "owner" ? "You own this session." : "You are a guest: you can look."} Leave at any time: <kbd>Esc</kbd> <kbd>Esc</kbd>
        </p>
      </section>
    </div>
  );
}

type Known = { foreign: { told: string } | null };

/** What is known of a world that a stranger's file brought: time stands in it until its owner has looked and accepts it. */
function Foreign({ session, owner }: { session: string; owner: boolean }) {
  const [known, setKnown] = useState<Known["foreign"]>(null);
  const [trouble, setTrouble] = useState<string | null>(null);
  useEffect(() => void get<Known>(`/api/sessions/${session}`).then((said) => setKnown(said.foreign), () => undefined), []);
  if (!known) return null;
  const accept = () => post(`/api/sessions/${session}/accept`).then(() => setKnown(null), (error: Error) => setTrouble(error.message));
  return (
    <div class="resumed" role="status">
      <p>It came in a file of somebody else's. Look at it first: time stands, and nothing is changed, until you accept it.</p>
      <pre>{known.told}</pre>
      {trouble && <p class="warn">{trouble}</p>}
      {owner && (
        <button class="chip" onClick={() => void accept()}>
          Accept it
        </button>
      )}
    </div>
  );
}
