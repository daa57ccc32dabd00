import type { Logger } from '../lib/logger';

/**
 * For a start that nobody may await, as in the original document: its failure goes to the `error` listeners, or into the
 * log when there are none, and does not end the process as an unhandled rejection. Whoever awaits it still gets it.
 */
export function announced(
  starting: Promise<void>,
  listeners: { readonly exist: () => boolean; readonly tell: (error: Error) => void },
  logger: Logger,
): Promise<void> {
  starting.catch((reason: unknown) => {
    const error = reason instanceof Error ? reason : new Error(String(reason));
    if (listeners.exist()) listeners.tell(error);
    else logger.error({ err: error }, 'a part could not start');
  });
  return starting;
}
