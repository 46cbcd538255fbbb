// The menu of what can be taken away, and how a file is handed to the browser.

import { useEffect, useRef, useState } from "preact/hooks";
import { Refused } from "./api";
import { Down } from "./icons";

/** What is offered: its word on the wire, its name, and what it is. */
export type Form = [form: string, name: string, what: string];

interface Offer {
  forms: Form[];
  /** What holds for all of them. */
  note: string;
  /** Makes the file and hands it over; what it is called. */
  take: (form: string) => Promise<string>;
  told: (kind: "done" | "wrong", text: string) => void;
  /** Whether its button has words beside the icon. */
  worded?: boolean;
}

export function TakeMenu({ forms, note, take, told, worded = false }: Offer) {
  const [open, setOpen] = useState(false);
  const [busy, setBusy] = useState<string | null>(null);
  const menu = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!open) return;
    menu.current?.querySelector("button")?.focus();
    const leave = (event: PointerEvent) => !menu.current?.parentElement?.contains(event.target as Node) && setOpen(false);
    addEventListener("pointerdown", leave);
    return () => removeEventListener("pointerdown", leave);
  }, [open]);

  async function chosen(form: string) {
    setBusy(form);
    try {
      told("done", `Taken away: ${await take(form)}`);
      setOpen(false);
    } catch (error) {
      told("wrong", (error as Error).message);
    }
    setBusy(null);
  }

  return (
    <div class="taking">
      <button class={worded ? "chip" : "tool"} aria-label="Take away" title="Take away: a file of it" aria-haspopup="dialog" aria-expanded={open} onClick={() => setOpen(!open)}>
        <Down />
        {worded && <span class="only-wide">Take away</span>}
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
            {forms.map(([form, name, what]) => (
              <button key={form} disabled={busy !== null} aria-busy={busy === form} onClick={() => void chosen(form)}>
                <span>{busy === form ? "Being made…" : name}</span>
                <small>{what}</small>
              </button>
            ))}
          </div>
          <p class="quiet">{note}</p>
        </div>
      )}
    </div>
  );
}

/** Ask for a file and hand it to the browser; what it is called. */
export async function fetched(path: string, body: object): Promise<string> {
  const answer = await fetch(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
  if (!answer.ok) {
    const said = (await answer.json().catch(() => null)) as { detail?: { code: string; message: string } } | null;
    throw new Refused(answer.status, said?.detail?.code ?? "", said?.detail?.message ?? "It could not be taken away.");
  }
  const name = /filename="([^"]+)"/.exec(answer.headers.get("content-disposition") ?? "")?.[1] ?? "lifeworld";
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await answer.blob());
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  return name;
}
