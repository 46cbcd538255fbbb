// How time goes on an episode's page: it plays, by itself or with the sound, and keys lead about in it.

import type { Signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Span } from "./trace";

export function play(time: Signal<number>, playing: Signal<boolean>, duration: number): void {
  if (!playing.value && time.value >= duration - 1e-3) time.value = 0;
  playing.value = !playing.value;
}

/** Time goes on while it plays; with a sound it goes as fast as that is heard. */
export function usePlaying(time: Signal<number>, playing: Signal<boolean>, duration: number, sound: string | null): void {
  useEffect(
    () =>
      playing.subscribe((on) => {
        if (!on) return;
        const begin = performance.now() - 1000 * time.peek();
        const from = time.peek();
        const heard = sound ? new Audio(`${sound}?from_s=${from}`) : null;
        void heard?.play().catch(() => undefined);
        let frame = requestAnimationFrame(function step() {
          if (!playing.peek()) return;
          time.value = Math.min(duration, heard && heard.currentTime > 0 && !heard.ended ? from + heard.currentTime : (performance.now() - begin) / 1000);
          if (time.value >= duration) playing.value = false;
          else frame = requestAnimationFrame(step);
        });
        const stop = playing.subscribe((still) => {
          if (still) return;
          cancelAnimationFrame(frame);
          heard?.pause();
          queueMicrotask(() => stop());
        });
      }),
    [sound],
  );
}

export function useKeys(time: Signal<number>, playing: Signal<boolean>, piece: Signal<Span>, duration: number, look: (at: number) => void): void {
  useEffect(() => {
    const key = (event: KeyboardEvent) => {
      if (event.target instanceof HTMLElement && event.target.closest("input, textarea, select, button, summary, a, [role=slider]")) return;
      if (event.key === " ") play(time, playing, duration);
      else if (event.key === "ArrowRight") look(time.value + (event.shiftKey ? 1 : 0.04));
      else if (event.key === "ArrowLeft") look(time.value - (event.shiftKey ? 1 : 0.04));
      else if (event.key === "[") piece.value = { ...piece.value, from: Math.min(time.value, piece.value.to - 0.02) };
      else if (event.key === "]") piece.value = { ...piece.value, to: Math.max(time.value, piece.value.from + 0.02) };
      else return;
      event.preventDefault();
    };
    addEventListener("keydown", key);
    return () => removeEventListener("keydown", key);
  }, []);
}
