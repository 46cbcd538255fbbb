// The episodes of a bundle: what there is, what was deleted and can be brought back.

import { useEffect, useState } from "preact/hooks";
import { get, post } from "./api";
import { Bar, Notice } from "./bar";
import { Badge } from "./origin";
import { seconds } from "./told";

interface Row {
  uid: string;
  title: string;
  origin: string;
  duration_s: number;
  streams: number;
  labels: Record<string, string>;
  pictured?: boolean;
  aside?: string;
}

interface Overview {
  folder: string;
  name: string;
  episodes: Row[];
  deleted: Row[];
  undo: string | null;
}

export function BundlePage({ card }: { card: string }) {
  const [found, setFound] = useState<Overview | null>(null);
  const [trouble, setTrouble] = useState<string | null>(null);
  const [sought, setSought] = useState("");
  const [sure, setSure] = useState<string | null>(null);
  const base = `/api/library/${card}`;

  async function load() {
    try {
      const said = await get<Overview>(`${base}/episodes`);
      document.title = `${said.name} · lifeworld`;
      setFound(said);
    } catch (error) {
      setTrouble((error as Error).message);
    }
  }

  async function change(path: string) {
    setSure(null);
    try {
      setTrouble(null);
      await post(`${base}/${path}`);
    } catch (error) {
      setTrouble((error as Error).message);
    }
    await load();
  }

  useEffect(() => void load(), []);
  if (!found) return trouble ? <Notice title="This bundle cannot be opened" text={trouble} /> : <Bar here="episodes" />;
  const shown = found.episodes.filter((row) => `${row.title} ${Object.values(row.labels).join(" ")}`.toLowerCase().includes(sought.toLowerCase()));
  return (
    <div class="page">
      <Bar here="episodes">
        <span class="at mono">{found.folder}</span>
        {found.undo && (
          <button class="chip" onClick={() => void change("undo")}>
            Undo {found.undo}
          </button>
        )}
      </Bar>
      <main class="sheet">
        <header class="lead">
          <h1>{found.name}</h1>
          <input type="search" aria-label="Search the episodes" placeholder="Search titles, tags, notes" value={sought} onInput={(event) => setSought(event.currentTarget.value)} />
        </header>
        {trouble && (
          <p class="warn" role="alert">
            {trouble}
          </p>
        )}
        <div class="scroll">
          <table class="plain episodes">
            <thead>
              <tr>
                <th scope="col">episode</th>
                <th scope="col">lasts</th>
                <th scope="col">origin</th>
                <th scope="col">said of it</th>
                <th scope="col">
                  <span class="sr">delete</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {shown.map((row) => (
                <tr key={row.uid}>
                  <th scope="row">
                    <a href={`/episodes/${card}/${row.uid}`}>
                      {row.pictured ? <img class="small-cover" src={`${base}/episodes/${row.uid}/cover`} alt="" loading="lazy" /> : <span class="small-cover" />}
                      {row.title || "untitled"}
                    </a>
                  </th>
                  <td>{seconds(row.duration_s)}</td>
                  <td>
                    <Badge origin={row.origin} />
                  </td>
                  <td>
                    <Said labels={row.labels} />
                  </td>
                  <td>
                    <button class="bare" aria-label={`Delete ${row.title || "untitled"}`} onClick={() => void change(`episodes/${row.uid}/delete`)}>
                      Delete
                    </button>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
        {shown.length === 0 && <p class="quiet">{found.episodes.length ? "No episode says so." : "There is no episode here."}</p>}
        {found.deleted.length > 0 && (
          <section class="shelf">
            <h2>Deleted</h2>
            <p class="quiet">Out of sight, of LeRobot's too, and still in the folder, until it is erased.</p>
            <ul class="rows">
              {found.deleted.map((row) => (
                <li key={row.uid} class="row">
                  <span>{row.title || "untitled"}</span>
                  <span class="quiet num">{seconds(row.duration_s)}</span>
                  <small>
                    <button class="chip" onClick={() => void change(`episodes/${row.uid}/back`)}>
                      Bring back
                    </button>{" "}
                    {sure === row.uid ? (
                      <button class="chip danger" onClick={() => void change(`episodes/${row.uid}/erase`)}>
                        Yes, for good
                      </button>
                    ) : (
                      <button class="chip" onClick={() => setSure(row.uid)}>
                        Erase
                      </button>
                    )}
                  </small>
                </li>
              ))}
            </ul>
          </section>
        )}
      </main>
    </div>
  );
}

export function Said({ labels }: { labels: Record<string, string> }) {
  const { success, flag, tags, notes } = labels;
  return (
    <span class="said-of">
      {flag !== undefined && <span class="warn">⚑ {flag}</span>}
      {success === "yes" && <span class="good">success</span>}
      {success === "no" && <span class="warn">no success</span>}
      {tags?.split(",").map((tag) => (
        <span key={tag} class="tag">
          {tag.trim()}
        </span>
      ))}
      {notes && <span class="quiet">{notes}</span>}
    </span>
  );
}
