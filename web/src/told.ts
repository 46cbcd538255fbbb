// Numbers and names as they are shown.

/** Minutes and seconds of a world's clock. */
export function seconds(value: number): string {
  const tenths = Math.round(10 * value);
  const minutes = Math.floor(tenths / 600);
  return `${minutes}:${((tenths - 600 * minutes) / 10).toFixed(1).padStart(4, "0")}`;
}

/** A name as one says it. */
export const plain = (name: string | undefined) => (name ?? "").replaceAll("_", " ");

/** What a room is built of: it comes last in a list, and nobody puts glasses on it. */
export const BUILT = new Set(["wall", "wall_with_window", "wall_with_doorway", "window", "door", "floor", "ceiling"]);

/** A number in three digits. */
export function brief(value: number): string {
  if (!Number.isFinite(value)) return "–";
  if (Math.abs(value) < 1e-6) return "0";
  if (Math.abs(value) < 1e-3) return value.toExponential(1);
  return Math.abs(value) >= 1000 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
}
