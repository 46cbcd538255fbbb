// The branches that are compared, each in a view of its own, all seen from the same place at the same tick.

import { useEffect, useRef, useState } from "preact/hooks";
import * as apart from "./apart";
import { LETTERS, tick } from "./apart";
import { Pause, Play } from "./icons";
import * as store from "./store";
import { Viewport } from "./viewport";
import type { Compared, State } from "./said";

const shown: ((state: State) => void)[] = [];

/** Where everything is on one of the branches, by its stream (1 to 4). */
export function side(state: State): void {
  shown[state.stream]?.(state);
}

export function Sides({ found }: { found: Compared }) {
  const canvases = useRef<(HTMLCanvasElement | null)[]>([]);
  const veils = useRef<(HTMLCanvasElement | null)[]>([]);
  useEffect(() => {
    if (!store.drawsItself.value) return;
    const views = found.nodes.map((_, i) => new Viewport(canvases.current[i]!, veils.current[i]!, (state) => store.drawn(state), false));
    const known = views.map(() => new Set<number>());
    views.forEach((view, i) => {
      view.onLook = () => views.forEach((other) => other !== view && other.lookLike(view));
      shown[i + 1] = (state) => {
        if (!known[i]!.has(state.portrait)) {
          known[i]!.add(state.portrait);
          void view.scenery(state.portrait, store.sceneries.get(state.portrait)!);
        }
        view.state(state);
      };
    });
    apart.look(tick.value);
    return () => {
      shown.length = 0;
      for (const view of views) view.dispose();
    };
  }, []);
  const origin = store.welcome.value!.origin;
  return (
    <>
      {!store.drawsItself.value && <p class="quiet">This browser draws no pictures of its own (no WebGL2): the numbers stand below.</p>}
      <div class={`sides of-${found.nodes.length}`} hidden={!store.drawsItself.value}>
        {found.nodes.map((node, i) => (
          <figure key={node} class={`of-${LETTERS[i]}`}>
            <canvas ref={(canvas) => void (canvases.current[i] = canvas)} tabIndex={0} aria-label={`Branch ${LETTERS[i]}: ${found.said[i]}`} />
            <canvas ref={(veil) => void (veils.current[i] = veil)} class="veil" hidden aria-hidden="true" />
            <div class={`frame ${origin}`} aria-hidden="true" />
            <figcaption>
              <b>{LETTERS[i]}</b> <span>{found.said[i]}</span>
              {tick.value > found.lived[i]! && <small>at rest</small>}
            </figcaption>
          </figure>
        ))}
      </div>
    </>
  );
}

/** One clock for all. */
export function Scrub({ found }: { found: Compared }) {
  const tickS = store.welcome.value!.tick_s;
  const [playing, setPlaying] = useState(false);
  useEffect(() => {
    if (!playing) return;
    const begin = performance.now() - 1000 * tickS * (tick.value >= found.ticks ? 0 : tick.value);
    let frame = requestAnimationFrame(function on() {
      const at = Math.min(found.ticks, Math.floor((performance.now() - begin) / (1000 * tickS)));
      if (at !== tick.value) apart.look(at);
      if (at >= found.ticks) setPlaying(false);
      else frame = requestAnimationFrame(on);
    });
    return () => cancelAnimationFrame(frame);
  }, [playing, found]);
  return (
    <div class="scrub">
      <button class="round" aria-label={playing ? "Pause all" : "Play all"} onClick={() => setPlaying(!playing)}>
        {playing ? <Pause /> : <Play />}
      </button>
      <input
        type="range"
        aria-label="Ticks since they part"
        min={0}
        max={found.ticks}
        value={tick.value}
        onInput={(event) => {
          setPlaying(false);
          apart.look(Number(event.currentTarget.value));
        }}
      />
      <output class="mono">+{(tick.value * tickS).toFixed(2)} s</output>
    </div>
  );
}
