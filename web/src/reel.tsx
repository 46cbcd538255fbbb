// One camera's pictures of an episode, or any other signal's in colours, at the time that is looked at.

import type { Signal } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Track } from "./episode";
import { Film } from "./film";

export function Reel({ track, base, time, onClose }: { track: Track; base: string; time: Signal<number>; onClose: () => void }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [trouble, setTrouble] = useState<string | null>(null);
  const [held, setHeld] = useState(false);
  useEffect(() => {
    const film = new Film(base, track.name, canvas.current!, setTrouble, setHeld);
    const stop = time.subscribe((now) => void film.show(now));
    return () => {
      stop();
      film.close();
    };
  }, []);
  const { colors, low, high, chips, note } = track.key;
  return (
    <figure class="reel">
      <div class="screen">
        <canvas ref={canvas} role="img" aria-label={`${track.signal} of ${track.source}: ${track.meaning}`} width={320} height={240} />
        <div class={`frame ${track.origin}`} aria-hidden="true" />
      </div>
      <figcaption title={track.meaning}>
        <b>{track.signal.replaceAll("_", " ")}</b>
        <span class="quiet">{track.source.replaceAll("_", " ")}</span>
        <span class="key">
          {colors && (
            <>
              {low}
              <i style={{ background: `linear-gradient(90deg, ${colors.join(",")})` }} />
              {high}
            </>
          )}
          {chips?.map((chip) => (
            <span key={chip.told}>
              <i class="dot" style={{ background: chip.color }} /> {chip.told}
            </span>
          ))}
          {note}
        </span>
        {held && (
          <span class="quiet" role="status" title="It flashes more than three times a second: what is too much is held back">
            flashes held back
          </span>
        )}
        <button class="bare" aria-label={`Hide ${track.name}`} onClick={onClose}>
          ×
        </button>
      </figcaption>
      {trouble && <p class="warn">{trouble}</p>}
    </figure>
  );
}
