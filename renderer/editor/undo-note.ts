import type { Studio } from '../studio-context';

/** Says that something went, with a way back for as long as nothing else was done. @param label of the step of undo */
export function noteWithUndo(
  { store, actions }: Pick<Studio, 'store' | 'actions'>,
  sentence: string,
  label: string,
): void {
  store.addToast({
    sentence,
    remedy: '',
    isNote: true,
    action: {
      label: 'Undo',
      run: () => {
        if (store.getState().snapshot?.show.undoLabel === label) return actions.undo();
        // Undo takes back the newest change, and that is another one by now.
        return store.addToast({
          sentence: 'Something else was changed since.',
          remedy: 'Press Undo below the picture until it is back: each step says what it takes back.',
          isNote: true,
        });
      },
    },
  });
}
