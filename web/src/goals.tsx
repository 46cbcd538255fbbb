// What is to be reached here: the goals of a lesson, in order, with hints and points.

import * as store from "./store";
import { plain, seconds } from "./told";

export function GoalsPanel() {
  const told = store.goals.value;
  if (!told?.goals.length) return null;
  const tickS = store.welcome.value!.tick_s;
  return (
    <>
      <p class="score">
        <b class="num">{told.points}</b>
        <span class="quiet">of {told.most} points</span>
        {told.passed && <span class="good">all reached</span>}
      </p>
      <ol>
        {told.goals.map((goal, i) => {
          const next = goal.name === told.next;
          const waits = goal.after !== null && !told.goals.some((one) => one.name === goal.after && one.reached);
          const state = goal.lost ? "lost" : goal.reached ? "reached" : next ? "next" : "";
          return (
            <li key={goal.name} class={`goal ${state}`} aria-current={next ? "step" : undefined}>
              <span class="mark" aria-hidden="true">
                {goal.lost ? "×" : goal.reached ? "✓" : i + 1}
              </span>
              <span>
                {sentence(goal.said)}
                {goal.keep && <small> and stays so</small>}
                <span class="sr">{goal.lost ? ", lost" : goal.reached ? ", reached" : ""}</span>
              </span>
              <small class="num">{goal.points}</small>
              {!goal.reached && !goal.lost && !goal.keep && !waits && <progress max={1} value={goal.progress} aria-label={`How far: ${plain(goal.name)}`} />}
              {goal.reached && goal.tick !== null && !goal.keep && <p class="quiet">reached at {seconds(goal.tick * tickS)}</p>}
              {goal.lost && <p class="quiet">no longer so; go back in time, and it is not lost</p>}
              {waits && <p class="quiet">once “{plain(goal.after!)}” is reached</p>}
              {next && goal.hint && <p class="quiet">{goal.hint}</p>}
            </li>
          );
        })}
      </ol>
    </>
  );
}

/** `'mug' is on 'plate'` as one reads it. */
function sentence(said: string): string {
  const read = said.replace(/'([^']*)'/g, (_, name: string) => plain(name));
  return read.charAt(0).toUpperCase() + read.slice(1);
}
