// The library: what there is to enter. Each card says what it is before one goes in.

import { useEffect, useMemo, useState } from "preact/hooks";
import { get, post } from "./api";
import { Bar } from "./bar";
import { Badge } from "./origin";
import { plain } from "./told";

interface Card {
  id: string;
  sort: Sort;
  word: string;
  title: string;
  name: string;
  origin: string;
  detail: string;
  where: string;
  picture: boolean;
  ready: boolean;
  why: string;
}

type Sort = "scene" | "episodes" | "model" | "game";
const AGAIN_MS = 2000;
const MOST_TRIES = 90;

type Running = { name: string; title: string };

const SORTS: [Sort, string][] = [
  ["scene", "Scenes"],
  ["episodes", "Episodes"],
  ["model", "Dreams"],
  ["game", "Games"],
];

export function LibraryPage() {
  const [cards, setCards] = useState<Card[] | null>(null);
  const [folders, setFolders] = useState<string[]>([]);
  const [running, setRunning] = useState<Running[]>([]);
  const [sought, setSought] = useState("");
  const [sort, setSort] = useState<Sort | null>(null);
  const [going, setGoing] = useState<string | null>(null);
  const [trouble, setTrouble] = useState<string | null>(null);

  useEffect(() => {
    document.title = "Library · lifeworld";
    void get<{ cards: Card[]; folders: string[] }>("/api/library").then((said) => {
      setCards(said.cards);
      setFolders(said.folders);
    });
    void get<Running[]>("/api/sessions").then(setRunning);
  }, []);

  const shelves = useMemo(() => {
    const words = sought.toLowerCase().split(/\s+/).filter(Boolean);
    const found = (cards ?? []).filter((card) => {
      const said = `${card.title} ${card.name} ${card.detail} ${card.where} ${card.sort} ${card.origin}`.toLowerCase();
      return (!sort || card.sort === sort) && words.every((word) => said.includes(word));
    });
    const by = new Map<string, Card[]>();
    for (const card of found) {
      const shelf = card.where === "comes with lifeworld" ? `${card.sort === "model" ? "Dreams" : "Scenes"} that come with lifeworld` : card.sort === "game" ? "Games on this machine" : card.where;
      by.set(shelf, [...(by.get(shelf) ?? []), card]);
    }
    const own = [...by].filter(([shelf]) => shelf.includes("/"));
    return [...own, ...[...by].filter(([shelf]) => !shelf.includes("/"))];
  }, [cards, sought, sort]);

  async function enter(card: Card) {
    if (card.sort === "episodes") {
      location.assign(`/episodes/${card.id}`);
      return;
    }
    setGoing(card.id);
    setTrouble(null);
    try {
      const { session } = await post<{ session: string }>(`/api/library/${card.id}/enter`);
      location.assign(`/world/${session}`);
    } catch (error) {
      setGoing(null);
      setTrouble(`${card.title}: ${(error as Error).message}`);
    }
  }

  async function open(file: File | undefined) {
    if (!file) return;
    setTrouble(null);
    const answer = await fetch(`/api/worlds?name=${encodeURIComponent(file.name)}`, { method: "POST", headers: { "content-type": "application/octet-stream" }, body: file });
    const said = (await answer.json().catch(() => ({}))) as { session?: string; detail?: { message: string } };
    if (answer.ok && said.session) location.assign(`/world/${said.session}`);
    else setTrouble(`${file.name}: ${said.detail?.message ?? "it could not be opened."}`);
  }

  const count = shelves.reduce((sum, [, held]) => sum + held.length, 0);
  return (
    <div class="page">
      <Bar here="library" />
      <main class="sheet wide library">
        <header class="lead">
          <h1>Where to?</h1>
          <div class="seek" role="search">
            <input type="search" aria-label="Search the library" placeholder="Search worlds, episodes, dreams, games" value={sought} onInput={(event) => setSought(event.currentTarget.value)} />
            <div class="chips" role="group" aria-label="Kinds">
              <button class="chip" aria-pressed={sort === null} onClick={() => setSort(null)}>
                All
              </button>
              {SORTS.filter(([one]) => cards?.some((card) => card.sort === one)).map(([one, name]) => (
                <button key={one} class="chip" aria-pressed={sort === one} onClick={() => setSort(sort === one ? null : one)}>
                  {name}
                </button>
              ))}
            </div>
          </div>
        </header>
        {trouble && (
          <p class="warn" role="alert">
            {trouble}
          </p>
        )}
        {running.length > 0 && !sought && (
          <section class="shelf">
            <h2>Go on where you were</h2>
            <ul class="running">
              {running.map((one) => (
                <li key={one.name}>
                  <a class="chip" href={`/world/${one.name}`}>
                    {one.title}
                  </a>
                </li>
              ))}
            </ul>
          </section>
        )}
        {cards === null && <p class="quiet">Looking what there is…</p>}
        {cards !== null && count === 0 && <p class="quiet">Nothing is called so. {cards.length} other things are here.</p>}
        {shelves.map(([shelf, held]) => (
          <section key={shelf} class="shelf">
            <h2 class={shelf.includes("/") ? "mono" : ""}>{shelf}</h2>
            <ul class="cards">
              {held.map((card) => (
                <li key={card.id}>
                  <One card={card} going={going === card.id} onEnter={() => void enter(card)} disabled={going !== null} />
                </li>
              ))}
            </ul>
          </section>
        ))}
        {cards !== null && !sought && (
          <p class="quiet">
            Scenes, bundles and models of your own stand here, too, where they lie in <span class="mono">{folders.join(", ") || "a folder that the studio was started in"}</span>.{" "}
            <label class="opens">
              Open a .world
              <input type="file" class="sr" accept=".world" aria-label="Open a .world" onChange={(event) => void open(event.currentTarget.files?.[0])} onClick={(event) => (event.currentTarget.value = "")} />
            </label>
          </p>
        )}
      </main>
    </div>
  );
}

/** A picture that may still be being drawn: asked for again until it is there. */
function Cover({ card }: { card: Card }) {
  const [tries, setTries] = useState(0);
  return (
    <img
      src={`/api/library/${card.id}/picture${tries ? `?${tries}` : ""}`}
      alt=""
      loading="lazy"
      decoding="async"
      width={640}
      height={400}
      onLoad={(event) => event.currentTarget.classList.add("there")}
      onError={() => tries < MOST_TRIES && setTimeout(() => setTries(tries + 1), AGAIN_MS)}
    />
  );
}

function One({ card, going, disabled, onEnter }: { card: Card; going: boolean; disabled: boolean; onEnter: () => void }) {
  return (
    <button class="world card" disabled={!card.ready || disabled} aria-busy={going} onClick={onEnter}>
      <span class={`cover ${card.sort}`}>
        <b aria-hidden="true">{plain(card.name).slice(0, 1)}</b>
        {card.picture && <Cover card={card} />}
        <span class="badges">
          <Badge origin={card.origin} />
          {card.sort === "episodes" && <span class="badge recorded">Recorded</span>}
        </span>
      </span>
      <span class="name">{card.title}</span>
      <small>{going ? "The world is being made…" : card.ready ? card.detail : card.why}</small>
    </button>
  );
}
