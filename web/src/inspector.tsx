// The inspector: what is known of one thing, its numbers to change, and the commonest things to say of it.

import { useEffect, useState } from "preact/hooks";
import { Close } from "./icons";
import * as plans from "./plans";
import * as store from "./store";
import { plain } from "./told";
import type { Thing } from "./said";

const COLORS = ["red", "orange", "yellow", "green", "teal", "blue", "purple", "white", "grey", "black"];
const SPANS = ["x", "y", "z"] as const;
/** What is so of both if it is so of one. */
const MUTUAL = new Set(["beside", "near", "far_from", "left_of", "right_of", "in_front_of", "behind", "above", "below", "facing", "touching"]);
/** For who has nothing selected: what one can do here. */
const WAYS = [
  ["look around", "drag"],
  ["come nearer", "wheel, or pinch"],
  ["select", "click, or tap"],
  ["move, turn, push", "tools in the picture"],
  ["change anything", "say it below"],
  ["see all again", "press H"],
] as const;

export function Inspector() {
  const thing = store.thing.value;
  if (!thing) {
    return (
      <>
        <p class="empty">Select a thing, in the picture or in the list: what is known of it stands here, and can be changed.</p>
        <dl class="pairs ways">
          {WAYS.map(([to, how]) => [<dt key={to}>{to}</dt>, <dd key={how}>{how}</dd>])}
        </dl>
      </>
    );
  }
  const may = store.welcome.value?.seat === "owner";
  const size = thing.size_m?.map((v) => (100 * v).toFixed(1)).join(" × ");
  const rows: [string, string | undefined][] = [
    ["kind", plain(thing.kind)],
    ["size", size && `${size} cm`],
    ["material", thing.material && plain(thing.material)],
    ["held by", thing.attach && plain(thing.attach)],
  ];
  const joints = Object.entries(thing.joints ?? {});
  return (
    <>
      <h2>
        {plain(thing.name)}
        <button class="tool" style={{ marginLeft: "auto" }} aria-label="Select nothing" title="Select nothing (Esc)" onClick={() => store.select(null)}>
          <Close />
        </button>
      </h2>
      <dl class="pairs">
        {rows.map(([key, value]) => value && [<dt key={key}>{key}</dt>, <dd key={`${key}.`}>{value}</dd>])}
        {joints.map(([joint, value]) => [<dt key={joint}>{plain(joint)}</dt>, <dd key={`${joint}.`} class="num">{value.toFixed(2)}</dd>])}
      </dl>
      <Place thing={thing} may={may} />
      {may && <Stuff thing={thing} />}
      <hr />
      <Says thing={thing} joints={joints.length > 0} may={may} />
      {store.facts.value.length > 0 && (
        <section class="facts">
          <h3>Where it is, and how</h3>
          <ul>
            {told(thing.name, store.facts.value).map((fact) => (
              <li key={fact}>{fact}</li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

/** Where it stands, in metres and degrees: typed, it is moved there. */
function Place({ thing, may }: { thing: Thing; may: boolean }) {
  const at = thing.position_m;
  const [w, x, y, z] = thing.quat_wxyz ?? [1, 0, 0, 0];
  if (!at) return null;
  const yaw = (180 / Math.PI) * Math.atan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z));
  return (
    <>
      <div class="xyz">
        {SPANS.map((axis, i) => (
          <NumberOf
            key={axis}
            label={`${axis} [m]`}
            value={at[i]!}
            digits={3}
            step={0.01}
            may={may}
            onSet={(to) => plans.move(thing, SPANS.map((_, k) => (k === i ? to : at[k]!)) as [number, number, number])}
          />
        ))}
        <NumberOf label="turned [°]" value={yaw} digits={1} step={15} may={may} onSet={(to) => plans.turn(thing, to - yaw)} />
        {thing.mass_kg !== undefined && (
          <NumberOf label="mass [kg]" value={thing.mass_kg} digits={3} step={0.05} may={may} onSet={(to) => void plans.set(thing.name, { mass_kg: to })} />
        )}
        {thing.friction !== undefined && (
          <NumberOf label="friction" value={thing.friction} digits={2} step={0.05} may={may} onSet={(to) => void plans.set(thing.name, { friction: to })} />
        )}
      </div>
    </>
  );
}

interface Numeric {
  label: string;
  value: number;
  digits: number;
  step: number;
  may: boolean;
  onSet: (to: number) => void;
}

/** A number that follows the world until somebody types in it. */
function NumberOf({ label, value, digits, step, may, onSet }: Numeric) {
  const [typed, setTyped] = useState<string | null>(null);
  const shown = value.toFixed(digits);
  useEffect(() => setTyped(null), [label]);
  const give = () => {
    const to = Number(typed);
    if (typed !== null && typed.trim() && Number.isFinite(to) && Math.abs(to - value) > 0.5 * 10 ** -digits) onSet(to);
    setTyped(null);
  };
  return (
    <label class="field">
      {label}
      <input
        class="num"
        type="number"
        step={step}
        readOnly={!may}
        value={typed ?? shown}
        onInput={(event) => setTyped(event.currentTarget.value)}
        onBlur={give}
        onKeyDown={(event) => {
          if (event.key === "Enter") give();
          if (event.key === "Escape") setTyped(null);
        }}
      />
    </label>
  );
}

function Stuff({ thing }: { thing: Thing }) {
  return (
    <div class="swatches" role="group" aria-label="Paint it">
      {COLORS.map((color) => (
        <button
          key={color}
          title={color}
          aria-label={color}
          aria-pressed={thing.color === color}
          style={{ background: color }}
          onClick={() => void plans.set(thing.name, { color })}
        />
      ))}
    </div>
  );
}

function Says({ thing, joints, may }: { thing: Thing; joints: boolean; may: boolean }) {
  if (!may) return null;
  const can = ["make it a bit bigger", ...(joints ? ["open it", "close it"] : []), "push it at 1 m/s", "copy it", "remove it"];
  return (
    <div class="chips">
      {can.map((said) => (
        <button key={said} class={said === "remove it" ? "chip danger" : "chip"} onClick={() => void store.ask({ do: "say", text: said, selected: [thing.name] })}>
          {said}
        </button>
      ))}
    </div>
  );
}

/** What is so of a thing, a line for each way in which it is so; what is so of others towards it only where that says more. */
function told(name: string, facts: string[][]): string[] {
  const lines = new Map<string, string[]>();
  for (const [predicate = "", a, b] of facts) {
    if (a === name) lines.set(plain(predicate), [...(lines.get(plain(predicate)) ?? []), ...(b ? [plain(b)] : [])]);
    else if (!MUTUAL.has(predicate)) lines.set(`${plain(a)} is ${plain(predicate)} it`, []);
  }
  return [...lines].map(([way, others]) => (others.length ? `${way} ${others.join(", ")}` : way));
}
