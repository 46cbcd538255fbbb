// The door: who brings the link, its token or the network's code is let in; who brings nothing is told how one comes in.

import { useState } from "preact/hooks";

export interface Running {
  name: string;
  title: string;
}

/** Whether a token or a code opens the door; the server sets the cookie. */
async function open(token: string): Promise<{ opened: boolean; why: string }> {
  const answer = await fetch("/api/open", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ token }) });
  if (answer.ok) return { opened: true, why: "" };
  const said = (await answer.json().catch(() => null)) as { code?: string; message?: string; detail?: { message?: string } } | null;
  return { opened: false, why: said?.detail?.message ?? said?.message ?? `The studio answered ${answer.status}.` };
}

/** Spend the link's token, if there is one; then say which sessions there are, or why one is not in. */
export async function arrive(): Promise<{ sessions: Running[] | null; why: string }> {
  const token = location.hash.slice(1);
  let why = "";
  if (token) {
    history.replaceState(null, "", location.pathname);
    ({ why } = await open(token));
  }
  const answer = await fetch("/api/sessions");
  return { sessions: answer.ok ? ((await answer.json()) as Running[]) : null, why };
}

export function Door({ why }: { why: string }) {
  const [trouble, setTrouble] = useState(why);
  const [brought, setBrought] = useState("");
  const [going, setGoing] = useState(false);

  async function knock(event: Event) {
    event.preventDefault();
    setGoing(true);
    const { opened, why } = await open(brought.trim().split("#").at(-1) ?? "");
    if (opened) location.reload();
    else {
      setTrouble(why);
      setGoing(false);
    }
  }

  return (
    <main class="gate">
      <form class="card door" onSubmit={(event) => void knock(event)}>
        <h1>{why ? "This link opens no more" : "You are not in yet"}</h1>
        <p>
          Worlds are entered by the link that <span class="mono">lifeworld enter</span> printed. Each link opens once, for one browser; guests from the network have a code.
        </p>
        <label class="field">
          <span>Link or code</span>
          <input type="text" autocomplete="off" spellcheck={false} autofocus value={brought} onInput={(event) => setBrought(event.currentTarget.value)} />
        </label>
        {trouble && (
          <p class="warn" role="alert">
            {trouble}
          </p>
        )}
        <button class="main" disabled={going || !brought.trim()}>
          Come in
        </button>
      </form>
    </main>
  );
}
