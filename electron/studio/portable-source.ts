import { isKnownSource } from '../../shared/model/source';
import type { AnySource, DeviceReference } from '../../shared/model/source';
import { safeName } from './file-store';

/** What is not there keeps its name and nothing else: the folders of this computer are nobody's business. */
export const missingPath = (path: string): string => `missing/${safeName(path)}`;

/** `…:window:PROGRAM:TITLE`: the program finds a window again where it has only one. */
const windowPattern = /^([^:]+:window:[^:]*:)/;
/** `/…`, `~/…`, `C:\…`, `\\server\…`, `file:…`, of one line */
const absolutePattern = /^(?:~?\/|[a-z]:[\\/]|\\\\|file:).*[^\\/]$/i;

/**
 * A source as it may leave this computer, and as one may come in: without the titles of windows, which tell of mails and
 * documents, and without the places of files that only another version of the studio would know how to send along. What
 * this version does not know stays word for word otherwise.
 */
export function portableSource(source: AnySource): AnySource {
  if (!isKnownSource(source)) return withoutPlaces(source);
  if (source.kind === 'screen') {
    const device = withoutTitle(source.device);
    if (device === source.device) return source;
    // Chosen from the list, it is called like the window.
    const isTitled = source.device.name !== '' && source.name.includes(source.device.name);
    return { ...source, device, name: isTitled ? 'Window' : source.name };
  }
  // What a browser calls a shared window or tab.
  if (source.kind === 'browser-capture' && source.capture === 'display' && source.deviceName !== '')
    return { ...source, deviceName: '' };
  return source;
}

function withoutTitle(device: DeviceReference): DeviceReference {
  const [, program] = windowPattern.exec(device.id) ?? [];
  return program === undefined || (device.id === program && device.name === '')
    ? device
    : { id: program, name: '' };
}

function withoutPlaces<Source extends AnySource>(source: Source): Source {
  const { id, name, kind, ...settings } = source;
  return { ...source, ...(portableValue(settings) as object), id, name, kind };
}

function portableValue(value: unknown): unknown {
  if (typeof value === 'string') {
    const [, program] = windowPattern.exec(value) ?? [];
    return program ?? (absolutePattern.test(value) ? missingPath(value) : value);
  }
  if (Array.isArray(value)) return value.map(portableValue);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, portableValue(inner)]));
}
