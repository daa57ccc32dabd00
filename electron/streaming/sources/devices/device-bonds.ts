import type { DeviceReference } from '../../../../shared/model/source';
import type { DeviceKind } from '../../../../shared/contract/device';
import type { FoundDevice } from '../source';

/** What is the same as long as it is there. */
type Identity = string | number;

interface Bond {
  readonly id: string;
  readonly kinds: readonly DeviceKind[];
  found: Identity;
  /** what was there at the same time, and so is something else */
  readonly beside: Set<Identity>;
}

/** the oldest are forgotten: on Windows each new title of a window counts */
const mostBeside = 2000;

/**
 * Which device each reference means. By its id; else, when it is not there, one that passes for it: of the same name, or
 * the only window of the same program. That is how a camera on another port and a program that was started again are
 * found. What was listed beside the wanted one is never it: to put that on air is nobody's wish.
 */
export class DeviceBonds {
  readonly #bonds = new Map<string, Bond>();

  find(
    list: readonly FoundDevice[],
    kinds: readonly DeviceKind[],
    reference: DeviceReference,
  ): FoundDevice | null {
    const devices = list.filter(({ kind }) => kinds.includes(kind));
    const bond = this.#bonds.get(reference.id);
    const others = devices.filter((device) => !bond?.beside.has(identityOf(device)));
    const device =
      // A window is the same one while it lives, whatever its title becomes.
      devices.find(({ instance }) => instance !== undefined && instance === bond?.found) ??
      devices.find(({ id }) => id === reference.id) ??
      others.find(({ name }) => name !== '' && name === reference.name) ??
      sameProgram(others, reference.id);
    if (!device) return null;
    const found = identityOf(device);
    const known = bond ?? { id: reference.id, kinds, found, beside: new Set() };
    known.found = found;
    known.beside.delete(found);
    this.#bonds.set(reference.id, known);
    lookAround(known, devices);
    return device;
  }

  /** The list is another one, whether anybody wants a device now or not. */
  see(list: readonly FoundDevice[]): void {
    for (const bond of this.#bonds.values()) {
      const devices = list.filter(({ kind }) => bond.kinds.includes(kind));
      if (devices.some((device) => identityOf(device) === bond.found)) lookAround(bond, devices);
    }
  }
}

const identityOf = ({ id, instance }: FoundDevice): Identity => instance ?? id;

function lookAround({ id, found, beside }: Bond, devices: readonly FoundDevice[]): void {
  for (const device of devices) {
    const identity = identityOf(device);
    // Where another stands in for it, the one that was chosen may still come.
    if (identity !== found && device.id !== id) beside.add(identity);
  }
  for (const oldest of beside) {
    if (beside.size <= mostBeside) break;
    beside.delete(oldest);
  }
}

const programPattern = /^((?:x11|windows):window:[^:]*):/;

/** A window of another title than the one that was chosen: the only one of the same program. */
function sameProgram(devices: readonly FoundDevice[], id: string): FoundDevice | undefined {
  const [, program] = programPattern.exec(id) ?? [];
  if (program === undefined) return undefined;
  const candidates = devices.filter((device) => device.id.startsWith(`${program}:`));
  return candidates.length === 1 ? candidates[0] : undefined;
}
