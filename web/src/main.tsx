import "@fontsource-variable/hanken-grotesk";
import "./style.css";

import { effect } from "@preact/signals";
import { render } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Compare } from "./compare";
import { drive } from "./drive";
import { Bodies } from "./bodies";
import { Gate } from "./gate";
import { Dock, Switcher } from "./dock";
import { arrive } from "./door";
import { Head } from "./head";
import { KeySheet, listen } from "./keys";
import { Log } from "./log";
import { Frame } from "./origin";
import { Outline } from "./outline";
import { Panes, said as paneSaid, show as paneShow, watching } from "./panes";
import { Sentence } from "./sentence";
import { side } from "./sides";
import { SignalsMenu } from "./signals";
import { Time } from "./time";
import { Tools } from "./tools";
import { Keep } from "./keep";
import * as clock from "./clock";
import * as store from "./store";
import { Screen } from "./screen";
import { draws, Streamed } from "./streamed";
import { Viewport } from "./viewport";
import { Wire } from "./wire";
import type { State } from "./said";

let viewport: Viewport | Streamed | null = null;
let screen: Screen | null = null;
let latest: State | null = null;

function World() {
  const canvas = useRef<HTMLCanvasElement>(null);
  const veil = useRef<HTMLCanvasElement>(null);
  const pictures = store.welcome.value?.editable === false;
  useEffect(() => {
    const drawn = (state: State) => {
      wire?.drawn(state);
      if (wire && wire.latencies.length) store.latency.value = median(wire.latencies);
    };
    if (pictures) screen = new Screen(canvas.current!, drawn);
    else if (!store.drawsItself.value) viewport = new Streamed(canvas.current!, drawn);
    else {
      const own = (viewport = new Viewport(canvas.current!, veil.current!, drawn));
      store.frame.value = () => own.focus(store.selected.value);
      store.looking.value = () => own.looking() ?? null;
      effect(() => own.ghosts(store.ghosts.value));
      effect(() => void (store.eye.value && own.lookFrom(store.eye.value)));
    }
    for (const [number, url] of store.sceneries) void viewport?.scenery(number, url);
    if (latest) (screen ?? viewport)?.state(latest);
  }, []);
  return (
    <>
      <canvas ref={canvas} class="view" tabIndex={0} aria-label="The world. What is in it stands in the list beside it." />
      <canvas ref={veil} class="veil" hidden aria-hidden="true" />
    </>
  );
}

function Page() {
  if (store.ended.value) {
    return (
      <div class="gate">
        <section class="card">
          <h1>You are awake</h1>
          <p>{store.ended.value}</p>
          <p class="quiet">It is {new Date().toLocaleString()}. What you saw was {store.welcome.value?.origin ?? "simulated"}.</p>
          <button class="main" onClick={() => location.reload()}>
            Enter again
          </button>
        </section>
      </div>
    );
  }
  const welcome = store.welcome.value;
  const entered = store.entered.value && welcome !== null;
  const layout = !entered ? "waiting" : store.immersed.value ? "immersed" : welcome.editable ? "" : store.welcome.value?.events?.length ? "plainly" : "immersed";
  return (
    <main class={`studio ${layout}`}>
      {welcome && (
        <section class="stage" aria-label="The world" inert={store.covered.value}>
          <World />
          {entered && (
            <>
              <Frame />
              <Tools />
              <Bodies />
              <Log />
            </>
          )}
        </section>
      )}
      {!store.entered.value && <Gate />}
      {entered && (
        <>
          <div class="work" inert={store.covered.value}>
            <Head />
            {welcome.editable && <Outline />}
            <Panes />
            {welcome.editable && <Sentence />}
            <Dock />
            <Time />
            <Switcher />
            <SignalsMenu />
          </div>
          {store.comparing.value && <Compare />}
          {store.keeping.value !== "no" && <Keep />}
          {store.sheet.value === "keys" && <KeySheet />}
        </>
      )}
    </main>
  );
}

let wire: Wire | null = null;

async function begin(): Promise<void> {
  const { sessions } = await arrive();
  const first = sessions?.find((one) => one.name === location.pathname.split("/")[2]) ?? sessions?.[0];
  if (!first) {
    store.ended.value = "This world is no more.";
    return;
  }
  store.session.value = first.name;
  document.title = `${first.title} · lifeworld`;
  wire = new Wire(first.name, {
    answer(said) {
      if (said.is === "welcome") {
        store.welcome.value = said;
        clock.begin();
      } else if (said.is === "outline") store.outline.value = said;
      else if (said.is === "line") clock.follow(said);
      else if (said.is === "happenings") store.happenings.value = said;
      else if (said.is === "goals") store.reach(said);
      else if (said.is === "panes") paneSaid(said.panes);
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
    pane: paneShow,
    connected: (now) => (store.connected.value = now),
  });
  store.useWire(wire);
}

function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 0;
}

store.drawsItself.value = draws();
listen();
watching();
drive();
render(<Page />, document.getElementById("page")!);
void begin();
