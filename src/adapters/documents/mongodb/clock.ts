/** Time in milliseconds, of two kinds. */
export type Clock = {
  /** Since 1970. May jump; goes on while the machine sleeps. */
  wall(): number;
  /** Since some moment. Never runs backwards; may stand still while the machine sleeps. */
  steady(): number;
};

export const systemClock: Clock = { wall: () => Date.now(), steady: () => performance.now() };

/** Tells how long ago this was, by whichever of the two says more. */
export function stopwatch(clock: Clock): () => number {
  const [wall, steady] = [clock.wall(), clock.steady()];
  return () => Math.max(clock.wall() - wall, clock.steady() - steady);
}
