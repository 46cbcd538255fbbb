import "@fontsource-variable/hanken-grotesk";
import "./style.css";

import { effect } from "@preact/signals";
import { render } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Compare, side } from "./compare";
import { drive } from "./drive";
import { Bodies } from "./bodies";
import { Gate } from "./gate";
import { Head } from "./head";
import { Inspector } from "./inspector";
import { Log } from "./log";
import { Frame } from "./origin";
import { Outline } from "./outline";
import { Sentence } from "./sentence";
import { Time } from "./time";
import { Keep } from "./keep";
import * as store from "./store";
import { Screen } from "./screen";
import { Viewport } from "./viewport";
import { arrive, Wire } from "./wire";
import type { State } from "./wire";

let viewport: Viewport | null = null;
let screen: Screen | null = null;
let latest: State | null = null;

function World() {
  const canvas = useRef<HTMLCanvasElement>(null);
  const pictures = store.welcome.value?.editable === false;
  useEffect(() => {
    const drawn = (state: State) => {
      wire?.drawn(state);
      if (wire && wire.latencies.length) store.latency.value = median(wire.latencies);
    };
    if (pictures) screen = new Screen(canvas.current!, drawn);
    else viewport = new Viewport(canvas.current!, drawn);
    for (const [number, url] of store.sceneries) void viewport?.scenery(number, url);
    if (latest) (screen ?? viewport)?.state(latest);
  }, []);
  return <canvas ref={canvas} class="view" tabIndex={0} aria-label="The world. What is in it stands in the list beside it." />;
}

function Page() {
  if (store.refused.value) {
    return (
      <div class="gate">
        <section class="card">
          <h1>This link has been used</h1>
          <p>Each link opens once. Ask for another where the studio was started.</p>
        </section>
      </div>
    );
  }
  if (store.ended.value) {
    return (
      <div class="gate">
        <section class="card">
          <h1>You are awake</h1>
          <p>{store.ended.value}</p>
          <p class="quiet">It is {new Date().toLocaleString()}. What you saw was {store.welcome.value?.origin ?? "simulated"}.</p>
        </section>
      </div>
    );
  }
  return (
    <main class={store.entered.value ? "studio" : "studio waiting"}>
      {store.welcome.value && <World />}
      {!store.entered.value && <Gate />}
      {store.entered.value && store.welcome.value && (
        <>
          <Frame />
          <div class="work" inert={store.comparing.value || store.keeping.value !== "no"}>
            <Head />
            {store.welcome.value.editable && <Outline />}
            <Inspector />
            <footer class="foot">
              <Bodies />
              {store.welcome.value.editable && <Sentence />}
              <Time />
            </footer>
          </div>
          <Log />
          {store.comparing.value && <Compare />}
          {store.keeping.value !== "no" && <Keep />}
        </>
      )}
    </main>
  );
}

let wire: Wire | null = null;

async function begin(): Promise<void> {
  const sessions = await arrive();
  const first = sessions?.[0];
  if (!first) {
    store.refused.value = true;
    return;
  }
  store.session.value = first.name;
  document.title = `${first.title} · lifeworld`;
  wire = new Wire(first.name, {
    answer(said) {
      if (said.is === "welcome") store.welcome.value = said;
      else if (said.is === "outline") store.outline.value = said;
      else if (said.is === "line") store.line.value = said;
      else if (said.is === "scenery") {
        store.sceneries.set(said.portrait, said.url);
        void viewport?.scenery(said.portrait, said.url);
      } else if (said.is === "going") store.share.value = said.share;
      else if (said.is === "wrong") store.say("wrong", said.message);
      else if (said.is === "bye") store.ended.value = said.why;
    },
    state(state) {
      if (state.stream > 0) {
        side(state);
        return;
      }
      latest = state;
      (screen ?? viewport)?.state(state);
    },
    connected: (now) => (store.connected.value = now),
  });
  store.useWire(wire);
}

function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 0;
}

effect(() => viewport?.ghosts(store.ghosts.value) ?? void store.ghosts.value);
effect(() => {
  if (store.eye.value) viewport?.lookFrom(store.eye.value);
});

let escaped = 0;
addEventListener("keydown", (event) => {
  const typing = event.target instanceof HTMLInputElement;
  if (event.key === "Escape" && !typing && !store.comparing.value && store.keeping.value === "no") {
    if (event.timeStamp - escaped < 600) {
      wire?.close();
      store.ended.value = "You have left the world.";
    }
    escaped = event.timeStamp;
    store.selected.value = null;
    store.driving.value = null;
  }
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z" && !typing) {
    void store.ask({ do: event.shiftKey ? "redo" : "undo" });
    event.preventDefault();
  }
  if (event.code === "Space" && !typing && !store.comparing.value && store.keeping.value === "no" && !store.driving.value && !(event.target instanceof HTMLButtonElement)) {
    void store.ask({ do: store.line.value?.playing ? "pause" : "play" });
    event.preventDefault();
  }
});

drive();
render(<Page />, document.getElementById("page")!);
void begin();
