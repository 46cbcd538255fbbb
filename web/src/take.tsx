// Taking something away from a world: a picture of what one sees, a film or the sound of this branch, the world itself. The server signs it.

import { fetched, TakeMenu } from "./menu";
import type { Form } from "./menu";
import * as store from "./store";

const FORMS: Form[] = [
  ["png", "Picture", "what you see now, PNG"],
  ["mp4", "Film", "this branch from its beginning, MP4"],
  ["wav", "Sound", "of this branch, WAV"],
  ["world", "World", "with all its branches, to be entered elsewhere"],
];

export function Take() {
  const welcome = store.welcome.value!;
  if (welcome.seat !== "owner") return null;
  const made = !welcome.engine.startsWith("recording");
  const forms = FORMS.filter(([form]) => form === "png" || welcome.editable || (form === "mp4" && made));
  const take = (form: string) => fetched(`/api/sessions/${welcome.session}/export`, { form, ...(form === "png" ? store.looking.value() : null) });
  return <TakeMenu forms={forms} note={`Signed by you: it says that it is ${welcome.origin}, by which engine and from what.`} take={take} told={store.say} />;
}
