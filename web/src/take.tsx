// Taking something away: a picture of what one sees, a film or the sound of this branch, the world itself. Each is signed by the server.

import { useEffect, useRef, useState } from "preact/hooks";
import { Refused } from "./api";
import { Down } from "./icons";
import * as store from "./store";

const FORMS: [Form, string, string][] = [
  ["png", "Picture", "what you see now, PNG"],
  ["mp4", "Film", "this branch from its beginning, MP4"],
  ["wav", "Sound", "of this branch, WAV"],
  ["world", "World", "with all its branches, to be entered elsewhere"],
];

type Form = "png" | "mp4" | "wav" | "world";

export function Take() {
  const [open, setOpen] = useState(false);
  const [busy, setBusy] = useState<Form | null>(null);
  const menu = useRef<HTMLDivElement>(null);
  const welcome = store.welcome.value!;
  useEffect(() => {
    if (!open) return;
    menu.current?.querySelector("button")?.focus();
    const leave = (event: PointerEvent) => !menu.current?.parentElement?.contains(event.target as Node) && setOpen(false);
    addEventListener("pointerdown", leave);
    return () => removeEventListener("pointerdown", leave);
  }, [open]);
  if (welcome.seat !== "owner") return null;
  const offered = FORMS.filter(([form]) => form === "png" || welcome.editable || form === "mp4");

  async function take(form: Form) {
    setBusy(form);
    try {
      store.say("done", `Taken away: ${await fetched(form)}, signed.`);
      setOpen(false);
    } catch (error) {
      store.say("wrong", (error as Error).message);
    }
    setBusy(null);
  }

  return (
    <div class="taking">
      <button class="tool" aria-label="Take away" title="Take away: picture, film, sound, world" aria-haspopup="dialog" aria-expanded={open} onClick={() => setOpen(!open)}>
        <Down />
      </button>
      {open && (
        <div
          ref={menu}
          class="menu take"
          role="dialog"
          aria-label="Take away"
          onKeyDown={(event) => {
            if (event.key !== "Escape") return;
            event.stopPropagation();
            setOpen(false);
          }}
        >
          <div class="rows">
            {offered.map(([form, name, what]) => (
              <button key={form} disabled={busy !== null} aria-busy={busy === form} onClick={() => void take(form)}>
                <span>{busy === form ? "Being made…" : name}</span>
                <small>{what}</small>
              </button>
            ))}
          </div>
          <p class="quiet">Signed by you: it says that it is {welcome.origin}, by which engine and from what.</p>
        </div>
      )}
    </div>
  );
}

/** Fetch it and hand it to the browser; what the file is called. */
async function fetched(form: Form): Promise<string> {
  const seen = form === "png" ? store.looking.value() : null;
  const answer = await fetch(`/api/sessions/${store.welcome.value!.session}/export`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ form, ...seen }),
  });
  if (!answer.ok) {
    const said = (await answer.json().catch(() => null)) as { detail?: { code: string; message: string } } | null;
    throw new Refused(answer.status, said?.detail?.code ?? "", said?.detail?.message ?? "It could not be taken away.");
  }
  const name = /filename="([^"]+)"/.exec(answer.headers.get("content-disposition") ?? "")?.[1] ?? `lifeworld.${form}`;
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await answer.blob());
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  return name;
}
