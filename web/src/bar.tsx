// What stands on top of every page that is not a world, and the one card that takes the place of a page.

import type { ComponentChildren } from "preact";

export function Bar({ here, children }: { here: "library" | "verify" | "episodes"; children?: ComponentChildren }) {
  const link = (to: "library" | "verify", name: string) => (
    <a href={`/${to}`} aria-current={here === to ? "page" : undefined}>
      {name}
    </a>
  );
  return (
    <header class="bar">
      <a class="brand" href="/library" aria-label="lifeworld, to the library">
        <svg viewBox="0 0 32 32" aria-hidden="true">
          <circle cx="16" cy="16" r="14" />
          <path d="M16 2a14 14 0 0 1 0 28 19 19 0 0 0 0-28Z" />
        </svg>
        lifeworld
      </a>
      <nav aria-label="Pages">
        {link("library", "Library")}
        {link("verify", "Verify")}
      </nav>
      {children}
    </header>
  );
}

export function Notice({ title, text }: { title: string; text: string }) {
  return (
    <main class="gate">
      <section class="card" role="alert">
        <h1>{title}</h1>
        <p>{text}</p>
      </section>
    </main>
  );
}
