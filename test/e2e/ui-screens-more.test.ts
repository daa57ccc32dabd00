import { describeScreens } from '../support/ui-screen-sizes';
import { screens } from '../support/ui-screens';

// The first half is in ui-screens.test.ts.
describeScreens(
  'the window at every size, second half of its states',
  screens.slice(Math.ceil(screens.length / 2)),
);
