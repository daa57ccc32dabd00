import { useEffect } from 'react';
import { useStudio } from '../../studio-context';

/** Fills the history as long as the window is open: its numbers stand in the top bar too, with no chart on show. */
export function useStatsFeed(): void {
  const { client, history } = useStudio();
  useEffect(
    () =>
      client.on('stats', (stats) => {
        history.push(stats);
      }),
    [client, history],
  );
}
