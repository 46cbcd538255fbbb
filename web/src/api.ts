// Questions that are asked once: JSON over HTTP. What changes something is a POST from our own page.

export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

export async function get<T>(path: string): Promise<T> {
  return (await answered(await fetch(path))).json() as Promise<T>;
}

export async function bytes(path: string): Promise<ArrayBuffer> {
  return (await answered(await fetch(path))).arrayBuffer();
}

export async function post<T>(path: string, body: unknown = {}): Promise<T> {
  const how = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  const answer = await answered(await fetch(path, how));
  return (answer.status === 204 ? undefined : await answer.json()) as T;
}

async function answered(answer: Response): Promise<Response> {
  if (answer.ok) return answer;
  const said = (await answer.json().catch(() => null)) as { code?: string; message?: string; detail?: { code?: string; message?: string } } | null;
  const why = said?.detail ?? said;
  throw new Refused(answer.status, why?.code ?? String(answer.status), why?.message ?? `The studio answered ${answer.status}.`);
}
