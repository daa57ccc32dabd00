import { findScene } from '../streaming/collection';
import type { LoadedCollection } from '../streaming/collection';
import { StudioError } from '../streaming/lib/errors';
import type { ShowOptions } from '../streaming/show';
import { encoderSetup } from './profile-choice';
import type { ProfileChoice } from './profile-choice';
import { Program } from './program';
import type { ProgramObserver } from './program';
import type { ProgramFormat } from './program-format';

interface ProgramSurroundings extends Omit<ShowOptions, 'width' | 'height' | 'fps'> {
  readonly choice: ProfileChoice;
}

/** A program of this form that begins with the scene the show has on program. It is not started yet. */
export function createProgram(
  format: ProgramFormat,
  loaded: LoadedCollection,
  { choice, ...surroundings }: ProgramSurroundings,
  observer: ProgramObserver,
): Program {
  const sceneId = loaded.collection.programSceneId;
  const scene = findScene(loaded.collection, sceneId);
  if (!scene) throw new StudioError('scene-not-found', { scene: sceneId ?? '' });
  const { canvas, fps } = format;
  const options = { ...surroundings, ...canvas, fps, encoder: encoderSetup(format, choice) };
  return new Program(options, loaded, scene, observer);
}
