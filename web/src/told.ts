// Numbers and names as they are shown.

/** Minutes and seconds of a world's clock. */
export function seconds(value: number): string {
  const minutes = Math.floor(value / 60);
  return `${minutes}:${(value - 60 * minutes).toFixed(1).padStart(4, "0")}`;
}

/** A name as one says it. */
export const plain = (name: string | undefined) => (name ?? "").replaceAll("_", " ");
