import { useEffect, useState } from 'react';
import type { HotkeyName } from '../../../shared/contract/settings';
import { soundOf } from '../../../shared/model/source';
import type { Snapshot } from '../../../shared/contract/snapshot';
import { useStudio } from '../../studio-context';
import type { Studio } from '../../studio-context';
import { combinationOf, hotkeyFor, isTyping } from './hotkey-combination';

const isMicrophone = ({ settings }: Snapshot['sources'][number]): boolean =>
  settings.kind === 'microphone' ||
  (settings.kind === 'browser-capture' && 'capture' in settings && settings.capture === 'microphone');

/** All microphones are muted unless all are: then they are heard again. @returns what is to be said about it */
function muteMicrophones({ actions }: Studio, { sources }: Snapshot): string {
  const microphones = sources.flatMap((source) => {
    const sound = isMicrophone(source) ? soundOf(source.settings) : null;
    return sound ? [{ id: source.id, sound }] : [];
  });
  if (microphones.length === 0) return 'There is no microphone to mute';
  const isMuted = !microphones.every(({ sound }) => sound.isMuted);
  void actions.edit(
    microphones.map(({ id, sound }) => ({
      type: 'source.update',
      sourceId: id,
      patch: { sound: { ...sound, isMuted } },
    })),
    isMuted ? 'Mute microphones' : 'Unmute microphones',
  );
  return isMuted ? 'Microphones muted' : 'Microphones are heard';
}

/** The scene that many places on, around the end. */
export function neighbourScene(
  { scenes, program }: Pick<Snapshot, 'scenes' | 'program'>,
  step: 1 | -1,
): string | null {
  const at = scenes.findIndex(({ id }) => id === program.sceneId);
  const next = scenes[(at + step + scenes.length) % scenes.length];
  return next && next.id !== program.sceneId ? next.id : null;
}

/** What goes on while its keys are held; the rest is done once a press. */
const whileHeld: ReadonlySet<HotkeyName> = new Set(['undo', 'redo']);

/** @returns what is said to screen readers, as nothing else of it may be in sight */
function run(
  name: HotkeyName,
  studio: Studio,
  snapshot: Snapshot,
  step: (go: () => Promise<unknown>) => Promise<void>,
): string {
  const { actions } = studio;
  switch (name) {
    case 'live.toggle':
      // The button asks what must be asked (pre-flight, confirmation): the keys press it.
      document.querySelector<HTMLElement>('[data-hotkey="live"]')?.click();
      return '';
    case 'recording.toggle':
      void (snapshot.recording.state === 'recording' ? actions.stopRecording() : actions.startRecording());
      return snapshot.recording.state === 'recording' ? 'Recording ends' : 'Recording begins';
    case 'replay.save':
      void actions.saveReplay();
      return '';
    case 'microphone.mute':
      return muteMicrophones(studio, snapshot);
    case 'scene.next':
    case 'scene.previous': {
      const sceneId = neighbourScene(snapshot, name === 'scene.next' ? 1 : -1);
      if (sceneId !== null) void actions.switchScene(sceneId);
      return '';
    }
    case 'undo':
      if (snapshot.show.undoLabel === null) return 'Nothing to undo';
      void step(actions.undo);
      return `Undid: ${snapshot.show.undoLabel}`;
    case 'redo':
      if (snapshot.show.redoLabel === null) return 'Nothing to redo';
      void step(actions.redo);
      return `Did again: ${snapshot.show.redoLabel}`;
  }
}

/** The keys of the settings, everywhere in the page but where something is typed. @returns what they did, to be said */
export function useHotkeys(): string {
  const studio = useStudio();
  const [said, setSaid] = useState('');
  useEffect(() => {
    let isStepping = false;
    const step = async (go: () => Promise<unknown>): Promise<void> => {
      isStepping = true;
      await go();
      isStepping = false;
    };
    const press = (event: KeyboardEvent): void => {
      const { snapshot, connection } = studio.store.getState();
      // Whoever was asked first (the editor, a menu) has it.
      if (event.defaultPrevented || !snapshot || connection.state !== 'open') return;
      if (isTyping(event.target) || document.querySelector('[role=dialog],[role=alertdialog]')) return;
      const name = hotkeyFor(combinationOf(event), snapshot.settings);
      if (name === null) return;
      event.preventDefault();
      // As fast as the engine steps, and no further than to where the keys are let go.
      if (event.repeat && (!whileHeld.has(name) || isStepping)) return;
      setSaid(run(name, studio, snapshot, step));
    };
    addEventListener('keydown', press);
    return () => {
      removeEventListener('keydown', press);
    };
  }, [studio]);
  return said;
}
