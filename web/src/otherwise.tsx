// What is otherwise on one branch than on another, in words; and what came about on which of all.

import { LETTERS } from "./apart";
import * as store from "./store";
import { plain } from "./told";
import type { Against, Compared, Result } from "./said";

const after = (time: number) => `${time.toFixed(2)} s`;

/** A length in three digits, in the unit that suits it. */
export function length(metres: number): string {
  if (metres >= 0.995) return `${metres.toFixed(2)} m`;
  return metres >= 0.00995 ? `${(100 * metres).toFixed(1)} cm` : `${(1000 * metres).toFixed(1)} mm`;
}

/** What came about, branch by branch, where that is not the same on all. */
export function Outcomes({ found }: { found: Compared }) {
  const came = (one: Result) => (one === null ? "not there" : one.came ? `yes${one.time_s === null ? "" : `, ${after(one.time_s)}`}` : "no");
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">outcome</th>
          {found.nodes.map((node, i) => (
            <th key={node} scope="col">
              <b class={`in-${LETTERS[i]}`}>{LETTERS[i]}</b>
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {found.outcomes.map((one) => (
          <tr key={one.outcome}>
            <th scope="row">{plain(one.outcome)}</th>
            {one.results.map((result, i) => (
              <td key={i}>{came(result)}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function Words({ found, other, letter }: { found: Compared; other: Against; letter: string }) {
  const touch = other.first_touch;
  const mark = (which: "base" | "branch") => <b class={`in-${which === "base" ? "A" : letter}`}>{which === "base" ? "A" : letter}</b>;
  const sides = ["base", "branch"] as const;
  return (
    <div class="words" role="region" aria-label="What is otherwise" tabIndex={0}>
      <p class="quiet">
        They part at {after(found.tick * store.welcome.value!.tick_s)}
        {found.node_said && <> of “{found.node_said}”</>}; times count from there.
      </p>
      {(other.came.length > 0 || other.gone.length > 0) && (
        <p>
          {other.came.length > 0 && <>Only in {mark("branch")}: {other.came.map(plain).join(", ")}. </>}
          {other.gone.length > 0 && <>Only in {mark("base")}: {other.gone.map(plain).join(", ")}.</>}
        </p>
      )}
      {touch && (
        <p>
          First contact that differs: {plain(touch.a)} touches {plain(touch.b)}, only in {mark(touch.side)},
          after {after(touch.time_s)} ({touch.force_n.toFixed(1)} N).
        </p>
      )}
      {found.outcomes.length > 0 && <Outcomes found={found} />}
      <div class="two">
        {sides.map((which) => {
          const so = other.relations.filter((one) => one.side === which);
          const happened = other.events.filter((one) => one.side === which);
          return (
            <section key={which}>
              <h3>
                Only in {mark(which)}
              </h3>
              {happened.length > 0 && (
                <ul>
                  {happened.slice(0, 12).map((one) => (
                    <li key={`${one.time_s}${one.told}`}>
                      <span class="mono">{after(one.time_s)}</span> {plain(one.told)}
                      {one.times > 1 && `, ${one.times} times`}
                    </li>
                  ))}
                  {happened.length > 12 && <li class="quiet">and {happened.length - 12} more</li>}
                </ul>
              )}
              {so.length > 0 && (
                <>
                  <p class="quiet">in the end</p>
                  <ul>
                    {so.slice(0, 12).map((one) => (
                      <li key={one.told}>{plain(one.told)}</li>
                    ))}
                  </ul>
                </>
              )}
              {!happened.length && !so.length && <p class="quiet">nothing</p>}
            </section>
          );
        })}
      </div>
    </div>
  );
}
