// The verify page: drop a file, and hear what is known of it. The file is looked at on this machine and not kept.

import { useEffect, useState } from "preact/hooks";
import { Refused } from "./api";
import { Bar } from "./bar";
import { Badge } from "./origin";

const MOST_BYTES = 1_000_000_000;

/** What `lifeworld verify` says (provenance/verdict.py). */
interface Verdict {
  standing: string;
  told: string;
  [key: string]: unknown;
}

export function Verify() {
  const [over, setOver] = useState(false);
  const [busy, setBusy] = useState<string | null>(null);
  const [found, setFound] = useState<{ name: string; verdict: Verdict } | null>(null);
  const [trouble, setTrouble] = useState<string | null>(null);
  useEffect(() => void (document.title = "Verify · lifeworld"), []);

  async function look(file: File | undefined) {
    if (!file) return;
    setFound(null);
    setTrouble(null);
    if (file.size > MOST_BYTES) {
      setTrouble("This file is too large to be looked at here: lifeworld verify FILE looks at files of any size.");
      return;
    }
    setBusy(file.name);
    try {
      const answer = await fetch(`/api/verify?name=${encodeURIComponent(file.name)}`, {
        method: "POST",
        headers: { "content-type": "application/octet-stream" },
        body: file,
      });
      const said = (await answer.json()) as Verdict & { detail?: { message: string }; message?: string };
      if (!answer.ok) throw new Refused(answer.status, "", said.detail?.message ?? said.message ?? "It could not be looked at.");
      setFound({ name: file.name, verdict: said });
    } catch (error) {
      setTrouble((error as Error).message);
    }
    setBusy(null);
  }

  return (
    <div class="page">
      <Bar here="verify" />
      <main class="sheet verify">
        <header class="lead">
          <h1>What is known about a file?</h1>
        </header>
        <label
          class={over ? "drop over" : "drop"}
          onDragOver={(event) => {
            event.preventDefault();
            setOver(true);
          }}
          onDragLeave={() => setOver(false)}
          onDrop={(event) => {
            event.preventDefault();
            setOver(false);
            void look(event.dataTransfer?.files[0]);
          }}
        >
          <b>{busy ? `Looking at ${busy}…` : "Drop a picture, a film, a sound or a .world here"}</b>
          <span class="quiet">or choose one. It is looked at on this machine, and not kept.</span>
          <input type="file" class="sr" aria-label="Choose a file to verify" accept=".png,.jpg,.jpeg,.mp4,.wav,.world" onChange={(event) => {
              void look(event.currentTarget.files?.[0]);
              event.currentTarget.value = ""; // the same file again is another look at it
            }}
          />
        </label>
        {trouble && (
          <p class="warn" role="alert">
            {trouble}
          </p>
        )}
        {found && <Known name={found.name} verdict={found.verdict} />}
        <section class="quiet note">
          <p>
            Who exports a picture, a film, a sound or a world here signs it (C2PA). Known is then who made it, by which engine, from what, and whether a byte was changed since. A file without a
            signature can still be anything: that nothing is known is no sign that it is real.
          </p>
        </section>
      </main>
    </div>
  );
}

const STANDINGS: Record<string, [string, string]> = {
  known: ["good", "Signed by somebody known here, and unchanged"],
  stranger: ["", "Signed, and unchanged; by whom is not known here"],
  unsigned: ["", "Not signed: nothing is known"],
  changed: ["warn", "Changed since it was signed"],
};

function Known({ name, verdict }: { name: string; verdict: Verdict }) {
  const [kind, said] = STANDINGS[verdict.standing] ?? ["", verdict.standing];
  const made = (verdict["made"] ?? {}) as Record<string, unknown>;
  const origin = String(made["origin"] ?? verdict["origin"] ?? "");
  return (
    <section class="card verdict" aria-live="polite">
      {origin && <Badge origin={origin} />}
      <h2 class={kind}>{said}</h2>
      <p class="mono">{name}</p>
      <pre>{verdict.told}</pre>
    </section>
  );
}
