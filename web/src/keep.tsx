// Keeping what was done: asked once, in words, before the first byte; until then nothing is kept, and it says so.

import { useState } from "preact/hooks";
import * as store from "./store";
import { seconds } from "./told";

const LICENCES: [string, string][] = [
  ["LicenseRef-private", "mine alone"],
  ["CC-BY-4.0", "anyone, naming me (CC BY 4.0)"],
  ["CC0-1.0", "anyone, for anything (CC0)"],
];

/** What is kept so far, always in sight; where something can be, the way to ask for it. */
export function Keeping() {
  const offer = store.welcome.value?.keep;
  const mine = offer && store.welcome.value?.seat === "owner";
  const kept = store.kept.value.length;
  const said = kept ? `${kept} kept` : "nothing is kept";
  if (!mine) return <span>{said}</span>;
  return (
    <button class="chip keeping" onClick={() => (store.keeping.value = "asking")}>
      <i class={kept ? "dot full" : "dot"} /> {said}
    </button>
  );
}

export function Keep() {
  const offer = store.welcome.value!.keep!;
  const line = store.line.value!;
  const [pictures, setPictures] = useState<string[]>([]);
  const [purposes, setPurposes] = useState<string[]>([]);
  const [licence, setLicence] = useState(LICENCES[0]![0]);
  const state = store.keeping.value;
  const trouble = store.trouble.value;
  const close = () => (store.keeping.value = "no");
  const last = store.kept.value.at(-1);

  if (state === "done" && last) {
    return (
      <Sheet title="It is kept">
        <p>
          {last.seconds.toFixed(1)} s{last.uids.length > 1 && `, as ${last.uids.length} episodes, cut where something was taken out`}, in <span class="mono">{last.folder}</span>
        </p>
        <p class="quiet">To take back all you kept in this session:</p>
        <pre class="mono">{last.back}</pre>
        <button class="main" autofocus onClick={close}>
          Back to the world
        </button>
      </Sheet>
    );
  }
  const said = line.nodes[line.node]?.said;
  return (
    <Sheet title="Keep what you did?">
      <dl>
        <dt>What</dt>
        <dd>
          this branch{said && <>, “{said}”</>}: {seconds(store.time.value)} from its first moment to now
        </dd>
        <dt>Where to</dt>
        <dd class="mono">{offer.folder}</dd>
        {offer.pictures.length > 0 && (
          <>
            <dt>With pictures of</dt>
            <dd class="checks">
              {offer.pictures.map((one) => (
                <Check key={one} on={pictures} set={setPictures} value={one} label={one.replace(/^rgb@/, "").replaceAll("_", " ")} />
              ))}
            </dd>
          </>
        )}
        <dt>For what, beside your own use</dt>
        <dd class="checks column">
          {Object.entries(offer.purposes).map(([value, label]) => (
            <Check key={value} on={purposes} set={setPurposes} value={value} label={label} />
          ))}
        </dd>
        <dt>Who may use it</dt>
        <dd>
          <select aria-label="Licence" value={licence} onChange={(event) => setLicence(event.currentTarget.value)}>
            {LICENCES.map(([value, label]) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </select>
        </dd>
      </dl>
      <p>{offer.words}</p>
      {trouble && state === "asking" && (
        <p class="warn" role="alert">
          {trouble.message}
        </p>
      )}
      {state === "going" ? (
        <p class="wait" role="status">
          <span>It is being kept; the world goes on.</span>
          <progress max={1} value={store.share.value ?? 0} />
        </p>
      ) : (
        <div class="answers">
          <button class="main" autofocus onClick={close}>
            No, keep nothing
          </button>
          <button
            class="chip yes"
            onClick={() => void store.keep({ signals: [...offer.signals, ...pictures], licence, purposes })}
          >
            Yes, keep it
          </button>
        </div>
      )}
    </Sheet>
  );
}

function Sheet({ title, children }: { title: string; children: preact.ComponentChildren }) {
  return (
    <div class="gate over" role="dialog" aria-modal="true" aria-labelledby="keep-title">
      <section class="card keep">
        <h1 id="keep-title">{title}</h1>
        {children}
      </section>
    </div>
  );
}

function Check({ on, set, value, label }: { on: string[]; set: (now: string[]) => void; value: string; label: string }) {
  const checked = on.includes(value);
  return (
    <label>
      <input type="checkbox" checked={checked} onChange={() => set(checked ? on.filter((one) => one !== value) : [...on, value])} /> {label}
    </label>
  );
}
