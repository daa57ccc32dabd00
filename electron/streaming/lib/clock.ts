/** Time is injected: tests bring their own. All stamps are CLOCK_MONOTONIC, which every process of one machine shares. */
export interface MonotonicClock {
  /** microseconds on the machine's monotonic clock */
  nowUs(): number;
}

/** `performance.now()` has another origin in every worker; hrtime is one clock for all processes of the machine. */
export const systemClock: MonotonicClock = {
  nowUs: () => Number(process.hrtime.bigint() / 1000n),
};
