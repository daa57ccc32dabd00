/**
 * What most destinations have besides their address: “Go live” takes them along, they are neither held back nor followed,
 * and get the program itself, at the address that is theirs.
 */
export const plainDestination = {
  ...{ isEnabled: true, delaySec: 0, isAdaptive: false, variantId: null, isNearest: false },
} as const;
