import { applyEdits, EditError } from '../../shared/model/apply-edit';
import type { Collection } from '../../shared/model/collection';
import { isKnownSource } from '../../shared/model/source';
import type { AnySource } from '../../shared/model/source';
import type { SourceView } from '../../shared/contract/show';
import type { CommandHandlers } from '../../shared/contract/commands';
import { StudioError } from '../../electron/streaming/lib/errors';
import type { ContractPeer } from './contract-peer';
import { chosenDeviceId } from './contract-peer-state';

type ShowCommands = Pick<
  CommandHandlers,
  Extract<keyof CommandHandlers, `show.${string}` | `media.${string}`>
>;

interface Step {
  readonly before: Collection;
  readonly label: string;
  readonly gesture: string | undefined;
}

/** Own size as the peer pretends it: what the settings say, else full HD. */
function sizeOf(source: AnySource): { width: number; height: number } | null {
  if (!isKnownSource(source)) return null;
  if (source.kind === 'color') return { width: source.width, height: source.height };
  if (source.kind === 'microphone' || source.kind === 'desktop-sound') return null;
  if (source.kind === 'text' || source.kind === 'clock')
    return { width: Math.round(source.sizePx * 6), height: Math.round(source.sizePx * 1.25) };
  return { width: 1920, height: 1080 };
}

/** What it was found as counts until another is chosen. */
function deviceIdOf(settings: AnySource, before: SourceView | undefined): string | null {
  const chosen = chosenDeviceId(settings);
  return before && chosenDeviceId(before.settings) === chosen ? before.deviceId : chosen;
}

/** Editing as the engine does it, by the same `applyEdits`. */
export function peerShowCommands(peer: ContractPeer): ShowCommands {
  let undo: Step[] = [];
  let redo: Step[] = [];

  const collection = (): Collection => ({
    version: 1,
    name: peer.snapshot.show.name,
    sources: peer.snapshot.sources.map(({ settings }) => settings),
    scenes: peer.snapshot.scenes.map((scene) => ({ ...scene, items: [...scene.items] })),
    transition: peer.snapshot.show.transition,
  });
  const adopt = (next: Collection): void => {
    const before = new Map(peer.snapshot.sources.map((source) => [source.id, source]));
    peer.set('scenes', next.scenes);
    peer.set(
      'sources',
      next.sources.map((settings) => ({
        ...{ state: 'ok' as const, error: null, playback: null },
        ...before.get(settings.id),
        ...{ id: settings.id, name: settings.name, kind: settings.kind, settings },
        ...{ size: sizeOf(settings) ?? null, deviceId: deviceIdOf(settings, before.get(settings.id)) },
      })),
    );
    if (!next.scenes.some(({ id }) => id === peer.snapshot.program.sceneId))
      peer.update('program', (program) => ({ ...program, sceneId: next.scenes[0]?.id ?? '' }));
    peer.update('show', (show) => ({
      ...show,
      name: next.name,
      transition: next.transition,
      undoLabel: undo.at(-1)?.label ?? null,
      redoLabel: redo.at(-1)?.label ?? null,
      savedAt: Date.now(),
    }));
  };
  return {
    'show.edit': ({ edits, label, gesture }) => {
      const before = collection();
      try {
        const next = applyEdits(before, edits);
        const isSameGesture = gesture !== undefined && undo.at(-1)?.gesture === gesture;
        if (!isSameGesture) undo.push({ before, label, gesture });
        redo = [];
        adopt(next);
      } catch (error) {
        if (error instanceof EditError) throw new StudioError('edit-invalid', { reason: error.message });
        throw error;
      }
      return {};
    },
    'show.undo': () => {
      const step = undo.pop();
      if (step) redo.push({ ...step, before: collection() });
      adopt(step?.before ?? collection());
      return {};
    },
    'show.redo': () => {
      const step = redo.pop();
      if (step) undo.push({ ...step, before: collection() });
      adopt(step?.before ?? collection());
      return {};
    },
    'show.restorePoints': () => ({ points: [] }),
    'show.saveRestorePoint': () => ({}),
    'show.restore': () => {
      undo = [];
      return {};
    },
    'media.play': ({ sourceId }) => setPaused(peer, sourceId, false),
    'media.pause': ({ sourceId }) => setPaused(peer, sourceId, true),
    'media.seek': ({ sourceId, positionSec }) => {
      updatePlayback(peer, sourceId, { positionSec, at: Date.now() });
      return {};
    },
  };
}

function updatePlayback(
  peer: ContractPeer,
  sourceId: string,
  change: Partial<{ positionSec: number; at: number; isPaused: boolean }>,
): void {
  peer.update('sources', (sources) =>
    sources.map((source) =>
      source.id === sourceId && source.playback
        ? { ...source, playback: { ...source.playback, ...change } }
        : source,
    ),
  );
}

function setPaused(peer: ContractPeer, sourceId: string, isPaused: boolean): Record<string, never> {
  const playback = peer.snapshot.sources.find(({ id }) => id === sourceId)?.playback;
  const now = Date.now();
  if (playback && playback.isPaused !== isPaused) {
    const ran = playback.isPaused ? 0 : (now - playback.at) / 1000;
    updatePlayback(peer, sourceId, { isPaused, at: now, positionSec: playback.positionSec + ran });
  }
  return {};
}
