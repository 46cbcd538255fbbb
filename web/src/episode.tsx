// An episode's page: what can be done with it as a whole. How one looks at it is desk.tsx.

import { useEffect, useState } from "preact/hooks";
import { get, post, Refused } from "./api";
import { Bar, Notice } from "./bar";
import { Desk } from "./desk";

export interface Mark {
  time_s: number;
  kind: string;
  told: string;
}

export interface Track {
  name: string;
  signal: string;
  source: string;
  note: string;
  meaning: string;
  origin: string;
  count: number;
  first_s: number;
  last_s: number;
  key: { colors?: string[]; low?: string; high?: string; chips?: { color: string; told: string }[]; note?: string };
}

interface Numbers {
  name: string;
  meaning: string;
  numbers: number;
  unit: string;
}

export interface Episode {
  uid: string;
  number: number;
  before: string | null;
  after: string | null;
  bundle: string;
  folder: string;
  title: string;
  labels: Record<string, string>;
  origin: string;
  duration_s: number;
  made: { engine: string; version: string; seed: string | null; created: string; parents: string[] };
  lerobot: string | null;
  enterable: boolean;
  pictures: Track[];
  curves: Numbers[];
  sounds: { name: string; channels: number }[];
  marks: Mark[];
  streams: { name: string; meaning: string; count: number; unit: string; origin: string; kept_as: string; bytes: number; license: string; people: string[] }[];
}

export function EpisodePage({ card, uid }: { card: string; uid: string }) {
  const [episode, setEpisode] = useState<Episode | null>(null);
  const [undo, setUndo] = useState<string | null>(null);
  const [trouble, setTrouble] = useState<string | null>(null);
  const [busy, setBusy] = useState<string | null>(null);
  const shelf = `/api/library/${card}`;
  const base = `${shelf}/episodes/${uid}`;

  async function load() {
    try {
      const said = await get<Episode>(base);
      document.title = `${said.title || "untitled"} · lifeworld`;
      setEpisode(said);
      setUndo((await get<{ undo: string | null }>(`${shelf}/episodes`)).undo);
    } catch (error) {
      if (error instanceof Refused && episode) location.assign(`/episodes/${card}`);
      else setTrouble((error as Error).message);
    }
  }
  useEffect(() => void load(), []);

  async function change<T>(saying: string, path: string, body?: unknown): Promise<T | null> {
    setBusy(saying);
    setTrouble(null);
    try {
      return await post<T>(path, body);
    } catch (error) {
      setTrouble((error as Error).message);
      return null;
    } finally {
      setBusy(null);
    }
  }

  if (!episode) return trouble ? <Notice title="This episode cannot be opened" text={trouble} /> : <Bar here="episodes" />;
  return (
    <div class="page">
      <Bar here="episodes">
        <a class="at" href={`/episodes/${card}`}>
          ‹ {episode.bundle}
        </a>
        <span class="next">
          {episode.before && <a href={`/episodes/${card}/${episode.before}`}>Before</a>}
          {episode.after && <a href={`/episodes/${card}/${episode.after}`}>Next</a>}
        </span>
        {undo && (
          <button class="chip" onClick={() => void change("undoing", `${shelf}/undo`).then(load)}>
            Undo {undo}
          </button>
        )}
        <button class="chip danger" onClick={() => void change("deleting", `${base}/delete`).then((done) => done && location.assign(`/episodes/${card}`))}>
          Delete
        </button>
      </Bar>
      {trouble && (
        <p class="warn banner" role="alert">
          {trouble}
        </p>
      )}
      <Desk
        key={episode.uid}
        episode={episode}
        base={base}
        busy={busy}
        onCut={(from_s, to_s) => void change<{ uid: string }>("cutting", `${base}/cut`, { from_s, to_s }).then((done) => done && location.assign(`/episodes/${card}/${done.uid}`))}
        onSay={(title, labels) => void change("saving", `${base}/relabel`, { title, labels }).then(load)}
        onEnter={(at_s) => void change<{ session: string }>("stepping in", `${base}/enter`, { at_s }).then((done) => done && location.assign(`/world/${done.session}`))}
      />
    </div>
  );
}
