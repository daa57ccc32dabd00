import './viewer.css';
import { connectControls, show } from './controls';
import { elements } from './elements';
import { icon } from './icons';
import { LivePlayer, canPlay } from './live-player';
import type { PlayEnd } from './live-player';
import { askStatus, logIn } from './server';
import type { Answer } from './server';

const { player, video, state, spinner, cardTitle, cardText, again } = elements;
const { login, password, loginError, enter, reveal } = elements;

type Tone = 'wait' | 'live' | 'off';

function tell(tone: Tone, words: string): void {
  state.dataset['tone'] = tone;
  if (state.textContent !== words) state.textContent = words;
}

interface Card {
  readonly tone: Tone;
  /** beside the dot; short */
  readonly state: string;
  readonly title: string;
  readonly text: string;
  readonly isWaiting?: boolean;
  readonly hasRetry?: boolean;
}

function showCard(card: Card): void {
  player.dataset['screen'] = 'card';
  tell(card.tone, card.state);
  cardTitle.textContent = card.title;
  cardText.textContent = card.text;
  spinner.hidden = card.isWaiting !== true;
  again.hidden = card.hasRetry !== true;
  login.hidden = true;
  show();
}

function showPicture(): void {
  player.dataset['screen'] = 'picture';
  tell('live', 'Live');
  show();
}

/** Until the time has passed, or the person or the network says that it is worth another try. */
function rest(ms: number): Promise<void> {
  return new Promise((resolve) => {
    const done = new AbortController();
    const end = (): void => {
      clearTimeout(timer);
      done.abort();
      resolve();
    };
    const timer = setTimeout(end, ms);
    again.addEventListener('click', end, { signal: done.signal });
    window.addEventListener('online', end, { signal: done.signal });
  });
}

/** Asks for the password until it is right. */
async function askPassword(): Promise<void> {
  showCard({
    ...{ tone: 'off', state: 'Locked', title: 'Enter the password' },
    text: 'Whoever runs the studio has it for you.',
  });
  login.hidden = false;
  password.focus();
  for (;;) {
    const typed = await submitted();
    enter.disabled = true;
    loginError.textContent = '';
    const answer = await logIn(typed);
    enter.disabled = false;
    if (answer.kind === 'welcome') break;
    loginError.textContent = whyNot(answer);
    password.select();
  }
  password.value = '';
}

const submitted = (): Promise<string> =>
  new Promise((resolve) => {
    login.onsubmit = (event) => {
      event.preventDefault();
      if (!enter.disabled) resolve(password.value);
    };
  });

function whyNot(answer: Answer): string {
  if (answer.kind === 'password') return 'That is not the password.';
  if (answer.kind === 'locked') return `Too many wrong passwords. Try again in ${answer.waitSec} seconds.`;
  if (answer.kind === 'offline') return 'The studio does not answer. Are you in its network?';
  return 'The studio is busy. Try again in a moment.';
}

/** What stands in the way, and for how long nothing is asked again, milliseconds */
const obstacles = {
  locked: ({ waitSec }) => ({
    restMs: Math.min(60, waitSec) * 1000,
    card: {
      ...{ tone: 'off', state: 'Locked', title: 'Locked for a while' },
      text: `Too many wrong passwords came from your network. It goes on by itself in ${waitSec} seconds.`,
    },
  }),
  later: ({ reason }) => ({
    restMs: 1000,
    card: {
      ...{ tone: 'wait', state: 'Waiting', title: 'Waiting for the program', isWaiting: true },
      text: `${reason} It begins here by itself.`,
    },
  }),
  unplayable: ({ reason }) => ({
    restMs: 5000,
    card: {
      tone: 'off',
      state: 'Cannot play',
      title: 'This page cannot play the program',
      text: reason,
      hasRetry: true,
    },
  }),
  offline: () => ({
    restMs: 2000,
    card: {
      ...{
        tone: 'off',
        state: 'Offline',
        title: 'The studio does not answer',
        isWaiting: true,
        hasRetry: true,
      },
      text: 'It may be off, its preview switched off, or you are in another network. It is tried again by itself.',
    },
  }),
} satisfies {
  [Kind in Exclude<Answer['kind'], 'welcome' | 'password'>]: (answer: Extract<Answer, { kind: Kind }>) => {
    restMs: number;
    card: Card;
  };
};

function obstacle(answer: Exclude<Answer, { kind: 'welcome' | 'password' }>): { restMs: number; card: Card } {
  switch (answer.kind) {
    case 'locked':
      return obstacles.locked(answer);
    case 'later':
      return obstacles.later(answer);
    case 'unplayable':
      return obstacles.unplayable(answer);
    case 'offline':
      return obstacles.offline();
  }
}

/** One try: asked, and watched until it ends. */
async function watch(live: LivePlayer): Promise<void> {
  const answer = await askStatus();
  if (answer.kind === 'password') return askPassword();
  if (answer.kind !== 'welcome') {
    const { restMs, card } = obstacle(answer);
    showCard(card);
    return rest(restMs);
  }
  // Coming back within a moment, the last picture stays.
  if (player.dataset['screen'] === 'picture') tell('wait', 'Reconnecting');
  else showCard({ tone: 'wait', state: 'Connecting', title: 'Connecting', text: '', isWaiting: true });
  await ended(await live.play());
}

function ended(how: PlayEnd): Promise<void> {
  if (how === 'over') return rest(300);
  const text =
    'It comes in a format that this browser does not know. Try another one, or VLC with the same address and /live/program.flv.';
  showCard(obstacles.unplayable({ kind: 'unplayable', reason: text }).card);
  return rest(5000);
}

async function main(): Promise<void> {
  reveal.append(icon('eye'));
  reveal.onclick = () => {
    const isShown = password.type === 'password';
    password.type = isShown ? 'text' : 'password';
    reveal.ariaPressed = String(isShown);
  };
  connectControls();
  if (!canPlay()) {
    const reason =
      'It is missing what live video needs (Media Source Extensions). Use a current browser, on an iPhone iOS 17.1 or newer, or VLC with the same address and /live/program.flv.';
    return showCard({
      tone: 'off',
      state: 'Cannot play',
      title: 'This browser cannot play the program',
      text: reason,
    });
  }
  const live = new LivePlayer({ video, onPicture: showPicture });
  for (;;) await watch(live);
}

void main();
