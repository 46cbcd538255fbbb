// Where one arrives: the link's token is spent, then the address says which page it is. Each page is loaded when it is wanted.

import "@fontsource-variable/hanken-grotesk";
import "./style.css";
import "./pages.css";

import { render } from "preact";
import { get } from "./api";
import { Notice } from "./bar";
import { arrive, Door } from "./door";

const root = document.getElementById("page")!;

async function begin(): Promise<void> {
  const { sessions, why } = await arrive();
  if (!sessions) {
    render(<Door why={why} />, root);
    return;
  }
  const [where, card, uid] = location.pathname.split("/").filter(Boolean);
  if (where === "verify") {
    const { Verify } = await import("./verify");
    render(<Verify />, root);
  } else if (where === "episodes" && card && uid) {
    const { EpisodePage } = await import("./episode");
    render(<EpisodePage card={card} uid={uid} />, root);
  } else if (where === "episodes" && card) {
    const { BundlePage } = await import("./bundle");
    render(<BundlePage card={card} />, root);
  } else if (where === "world" ? sessions.some((one) => one.name === card) : where !== "library" && sessions.length > 0) {
    await import("./main");
  } else if (await get("/api/library").catch(() => null)) {
    const { LibraryPage } = await import("./library");
    if (where !== "library") history.replaceState(null, "", "/library");
    render(<LibraryPage />, root);
  } else {
    render(<Notice title="There is no world here" text="It has ended, or never began. Start one: lifeworld enter tabletop" />, root);
  }
}

void begin().catch((error: Error) => render(<Notice title="The studio does not answer" text={error.message} />, root));
