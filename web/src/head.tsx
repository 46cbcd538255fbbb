// The head of the workspace: what this is, where one looks from, how fast it goes.

import { again } from "./clock";
import { Leave, Wide } from "./icons";
import { Keeping } from "./keep";
import { Badge, Replayed } from "./origin";
import { Take } from "./take";
import { SignalsButton } from "./signals";
import * as store from "./store";
import { plain } from "./told";

/** A dream that is less sure than this of what it shows has lost its thread. */
const LOST = 0.05;

export function Head() {
  const welcome = store.welcome.value!;
  return (
    <header class="head">
      <div class="what">
        <Badge origin={welcome.origin} />
        <Replayed />
        <h1 title={plain(welcome.title)}>{plain(welcome.title)}</h1>
      </div>
      {store.eyes.value.length > 0 && (
        <nav class="views" aria-label="Cameras">
          {store.eyes.value.map((eye) => (
            <button key={eye} aria-pressed={store.eye.value === eye} onClick={() => (store.eye.value = eye)}>
              {plain(eye)}
            </button>
          ))}
        </nav>
      )}
      <div class="hud" role="group" aria-label="Recording and speed">
        <Keeping />
        <span class="num only-wide" title="Pictures drawn a second">
          {store.fps.value ? `${store.fps} fps` : "still"}
        </span>
        {(store.coarse.value || store.finely.value) && (
          <button
            class="chip only-wide"
            aria-pressed={store.finely.value}
            title={store.finely.value ? "It is drawn finely at any rate. Press to have it drawn as finely as it still moves evenly." : "It is drawn coarsely, so that it moves evenly. Press to have it drawn finely at any rate."}
            onClick={() => (store.finely.value = !store.finely.value)}
          >
            {store.finely.value ? "fine" : "coarse"}
          </button>
        )}
        {store.sure.value !== null && (
          <label class="sure" title="How sure the model is of what it shows">
            sure <meter min={0} max={1} low={0.5} high={0.8} optimum={1} value={store.sure.value} /> <span class="num">{Math.round(100 * store.sure.value)} %</span>
          </label>
        )}
        {store.sure.value !== null && store.sure.value < LOST && welcome.seat === "owner" && (
          <button class="chip" title="It is no longer sure of anything: from its first pictures again, as a branch" onClick={() => void again()}>
            Dream again
          </button>
        )}
        {store.calmed.value && (
          <span class="num" role="status" title="It flashes more than three times a second: what is too much is held back">
            flashes held back
          </span>
        )}
        {store.latency.value !== null && (
          <span class="num" title="From a key to what it did, on the screen">
            {Math.round(store.latency.value)} ms
          </span>
        )}
        {welcome.seat === "guest" && (
          <button class="chip" title="You are a guest. The seat is free once the owner has been away for a while." onClick={() => void store.ask({ do: "take" })}>
            guest: take the seat
          </button>
        )}
        {!store.connected.value && (
          <span class="warn" role="alert">
            reconnecting…
          </span>
        )}
      </div>
      <div class="tools">
        <SignalsButton />
        <Take />
        <button class="tool only-wide" aria-label="The picture alone" title="The picture alone (\)" aria-pressed={store.immersed.value} onClick={() => (store.immersed.value = !store.immersed.value)}>
          <Wide />
        </button>
        <button class="tool only-wide" aria-label="Keys" title="Keys (?)" onClick={() => (store.sheet.value = "keys")}>
          ?
        </button>
        <button class="tool" aria-label="Wake up" title="Wake up: leave the world (Esc Esc)" onClick={store.wake}>
          <Leave />
        </button>
      </div>
    </header>
  );
}
