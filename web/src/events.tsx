// Events: what could happen here, made to happen now, later or at a rate; what has happened and what is to come.

import { useState } from "preact/hooks";
import { Close, Play } from "./icons";
import * as clock from "./clock";
import * as plans from "./plans";
import * as store from "./store";
import { brief, plain, seconds } from "./told";
import type { EventKind } from "./said";

const FAMILIES: Record<string, string> = {
  contact: "Somebody touches something",
  arrival: "Something comes in",
  mover: "Somebody comes by",
  surroundings: "Air and ground",
  constraint: "Doors, drawers and what holds",
  fault: "Bodies and cameras fail",
  parameter: "What things are like changes",
  light: "Light and view",
};
type When = "now" | "later" | "often";

export function EventsPanel() {
  const kinds = store.welcome.value?.events ?? [];
  const [filter, setFilter] = useState("");
  const [family, setFamily] = useState<string | null>(kinds[0]?.family ?? null);
  const [open, setOpen] = useState<string | null>(null);
  const may = store.welcome.value?.seat === "owner";
  const found = kinds.filter((one) => plain(`${one.kind} ${one.summary}`).toLowerCase().includes(filter.toLowerCase()));
  const families = [...new Set(found.map((one) => one.family))];
  return (
    <>
      <Ledger may={may} />
      {may && (
        <section class="family" aria-label="Make something happen">
          <h2>Make something happen</h2>
          {kinds.length === 0 && <p class="quiet">Nothing can happen by itself in this world.</p>}
          {kinds.length > 8 && (
            <input type="search" placeholder={`Find among ${kinds.length}`} aria-label="Find an event" value={filter} onInput={(e) => setFilter(e.currentTarget.value)} />
          )}
          {families.map((name) => {
            const shown = filter !== "" || family === name;
            return (
              <div key={name} class="family">
                <button aria-expanded={shown} onClick={() => setFamily(family === name ? null : name)}>
                  <Play /> {FAMILIES[name] ?? plain(name)}
                </button>
                {shown && (
                  <div class="rows">
                    {found
                      .filter((one) => one.family === name)
                      .map((one) =>
                        open === one.kind ? (
                          <Form key={one.kind} kind={one} onClose={() => setOpen(null)} />
                        ) : (
                          <button key={one.kind} title={one.summary} onClick={() => setOpen(one.kind)}>
                            {plain(one.kind)}
                            {one.safety !== "harmless" && <small class={`safety ${one.safety}`}>{one.safety}</small>}
                          </button>
                        ),
                      )}
                  </div>
                )}
              </div>
            );
          })}
        </section>
      )}
    </>
  );
}

/** One kind, with whom it befalls, how strong it is and when. */
function Form({ kind, onClose }: { kind: EventKind; onClose: () => void }) {
  const [who, setWho] = useState(kind.who.includes(store.selected.value ?? "") ? store.selected.value! : "");
  const ranged = kind.high > kind.low;
  const [strength, setStrength] = useState<number | null>(null);
  const [when, setWhen] = useState<When>("now");
  const [time, setTime] = useState(2);
  const [rate, setRate] = useState(kind.rate_per_min);
  const middle = 0.5 * (kind.low + kind.high);

  function happen() {
    const plain_ = kind.plan.edits[0]!.event;
    const taken = new Set(store.happenings.value?.due.map((one) => one.event));
    let name = kind.kind;
    for (let i = 2; taken.has(name); i++) name = `${kind.kind}_${i}`;
    const { at_s: _, who: __, ...rest } = plain_;
    const event = {
      ...rest,
      name,
      ...(who ? { who: { names: [who] } } : {}),
      ...(strength !== null ? { strength } : {}),
      ...(when === "often" ? { rate_per_min: rate } : { at_s: when === "now" ? 0 : time }),
    };
    const said = `${plain(kind.kind)}${who ? `: ${plain(who)}` : ""}${when === "often" ? `, ${brief(rate)} times a minute` : when === "later" ? `, in ${brief(time)} s` : ""}`;
    void plans.change(said, [{ type: "set_event", name, event }]);
  }

  return (
    <form
      class="kind open"
      onSubmit={(event) => {
        event.preventDefault();
        happen();
      }}
    >
      <h2>
        {plain(kind.kind)}
        <button type="button" class="tool" style={{ marginLeft: "auto" }} aria-label="Close" onClick={onClose}>
          <Close />
        </button>
      </h2>
      <p class="quiet">{kind.summary}</p>
      {kind.who.length > 0 && (
        <label class="field">
          whom it befalls
          <select class="box" value={who} onChange={(e) => setWho(e.currentTarget.value)}>
            <option value="">any that it can befall</option>
            {kind.who.map((name) => (
              <option key={name} value={name}>
                {plain(name)}
              </option>
            ))}
          </select>
        </label>
      )}
      {ranged && (
        <label class="field">
          <span>
            {kind.means}: <b class="num">{strength === null ? "as it comes" : `${brief(strength)} ${kind.unit}`}</b>
          </span>
          <input
            type="range"
            min={kind.low}
            max={kind.high}
            step={(kind.high - kind.low) / 100}
            value={strength ?? middle}
            aria-valuetext={strength === null ? "as it comes" : `${brief(strength)} ${kind.unit}`}
            onInput={(e) => setStrength(Number(e.currentTarget.value))}
          />
        </label>
      )}
      <div class="checks" role="radiogroup" aria-label="When">
        {(["now", "later", "often"] as const).map((one) => (
          <label key={one}>
            <input type="radio" name={`when-${kind.kind}`} checked={when === one} onChange={() => setWhen(one)} />
            {{ now: "now", later: "in a while", often: "now and then" }[one]}
          </label>
        ))}
      </div>
      {when === "later" && (
        <label class="field">
          in seconds
          <input type="number" min={0.1} max={3600} step={0.1} value={time} onInput={(e) => setTime(Number(e.currentTarget.value))} />
        </label>
      )}
      {when === "often" && (
        <label class="field">
          times a minute, by chance
          <input type="number" min={0.1} max={600} step={0.1} value={rate} onInput={(e) => setRate(Number(e.currentTarget.value))} />
        </label>
      )}
      <button class="main">Make it happen</button>
    </form>
  );
}

/** What is to come, and what has happened: a press leads there. */
function Ledger({ may }: { may: boolean }) {
  const told = store.happenings.value;
  const tickS = store.welcome.value!.tick_s;
  if (!told || (!told.due.length && !told.happened.length)) return <p class="empty">Nothing has happened by itself so far, and nothing is to come.</p>;
  return (
    <>
      {told.due.length > 0 && (
        <section class="ledger">
          <h3>To come</h3>
          <ul class="rows">
            {told.due.map((one) => (
              <li key={one.event} class="row" title={one.told}>
                <span class="num">{one.tick === null ? "–" : seconds(one.tick * tickS)}</span>
                <span>{one.tick === null ? sentence(one.told) : plain(one.kind ?? one.event)}</span>
                {may && (
                  <button
                    class="tool"
                    style={{ width: "1.5rem", height: "1.5rem", marginLeft: "auto", padding: 0 }}
                    aria-label={`Call off: ${plain(one.event)}`}
                    onClick={() => void plans.change(`no ${plain(one.event)}`, [{ type: "set_event", name: one.event, event: null }])}
                  >
                    <Close />
                  </button>
                )}
              </li>
            ))}
          </ul>
        </section>
      )}
      {told.happened.length > 0 && (
        <section class="ledger">
          <h3>Happened</h3>
          <div class="rows">
            {[...told.happened].reverse().slice(0, 30).map((one) => (
              <button key={`${one.event}${one.tick}`} title={one.told} onClick={() => void clock.seek(one.tick)}>
                <span class="num">{seconds(one.tick * tickS)}</span>
                <span>
                  {plain(one.kind ?? one.event)}
                  {one.who.length > 0 && `: ${one.who.map(plain).join(", ")}`}
                  {one.why && <small class="warn"> {one.why}</small>}
                </span>
                {one.safety && one.safety !== "harmless" && <small class={`safety ${one.safety}`}>{one.safety}</small>}
              </button>
            ))}
          </div>
        </section>
      )}
    </>
  );
}

const sentence = (said: string) => said.replace(/'([^']*)'/g, (_, name: string) => plain(name));
