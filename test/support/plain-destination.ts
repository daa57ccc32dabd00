/** What most destinations have besides their address: “Go live” takes them along, and they are neither held back nor followed. */
export const plainDestination = { isEnabled: true, delaySec: 0, isAdaptive: false } as const;
