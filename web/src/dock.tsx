// The dock at the side: the selected thing, what happens, what is to be reached. On a narrow screen the same from below.

import { EventsPanel } from "./events";
import { GoalsPanel } from "./goals";
import { About, Bolt, Target, Things, Tree } from "./icons";
import { Inspector } from "./inspector";
import * as store from "./store";

const TABS: [store.Tab, string, () => preact.JSX.Element][] = [
  ["about", "Thing", About],
  ["events", "Events", Bolt],
  ["goals", "Goals", Target],
];

const shown = () => TABS.filter(([tab]) => tab !== "goals" || (store.goals.value?.goals.length ?? 0) > 0);

export function Dock() {
  const tabs = shown();
  const tab = tabs.some(([one]) => one === store.tab.value) ? store.tab.value : "about";
  const walk = (event: KeyboardEvent) => {
    const way = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!way) return;
    const at = tabs.findIndex(([one]) => one === tab);
    store.tab.value = tabs[(at + way + tabs.length) % tabs.length]![0];
    event.stopPropagation();
    (event.currentTarget as HTMLElement).querySelectorAll<HTMLElement>("[role=tab]")[(at + way + tabs.length) % tabs.length]?.focus();
  };
  return (
    <aside class="dock" aria-label="About the world" data-open={store.panel.value === tab}>
      <div class="tabs" role="tablist" onKeyDown={walk}>
        {tabs.map(([name, label, Icon]) => (
          <button
            key={name}
            role="tab"
            id={`tab-${name}`}
            aria-selected={tab === name}
            aria-controls="dock-panel"
            tabIndex={tab === name ? 0 : -1}
            onClick={() => (store.tab.value = name)}
          >
            <Icon /> {label}
          </button>
        ))}
      </div>
      <div class="panel" role="tabpanel" id="dock-panel" aria-labelledby={`tab-${tab}`} tabIndex={0}>
        {tab === "about" && <Inspector />}
        {tab === "events" && <EventsPanel />}
        {tab === "goals" && <GoalsPanel />}
      </div>
    </aside>
  );
}

/** On a narrow screen: what is open from below. */
export function Switcher() {
  const branches: [store.Panel, string, () => preact.JSX.Element] = ["time", "Branches", Tree];
  const panels: (typeof branches)[] = store.welcome.value?.editable ? [["things", "Here", Things], ...shown(), branches] : [branches];
  return (
    <nav class="switcher" aria-label="Panels">
      {panels.map(([name, label, Icon]) => (
        <button
          key={name}
          aria-pressed={store.panel.value === name}
          onClick={() => {
            store.panel.value = store.panel.value === name ? "none" : name;
            if (name === "about" || name === "events" || name === "goals") store.tab.value = name;
          }}
        >
          <Icon />
          {label}
        </button>
      ))}
    </nav>
  );
}
