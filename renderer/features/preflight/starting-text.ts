import type { Snapshot } from '../../../shared/contract/snapshot';

/** What a stream or recording that was asked for waits for: a program that is being replaced must run first. */
export function startingText({ state }: Pick<Snapshot['program'], 'state'>): string {
  return state === 'running' ? 'Starting…' : 'Waiting for the program to run with its settings…';
}
