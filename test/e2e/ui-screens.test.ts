import { describeScreens } from '../support/ui-screen-sizes';
import { screens } from '../support/ui-screens';

// Two halves, so that two workers share what takes longest.
describeScreens('the window at every size', screens.slice(0, Math.ceil(screens.length / 2)));
