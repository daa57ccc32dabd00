/** What most destinations have besides their address: “Go live” takes them along, and they are not held back. */
export const plainDestination = { isEnabled: true, delaySec: 0 } as const;
