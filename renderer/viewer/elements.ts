type Constructor<E extends Element> = new () => E;

/** @throws Error when viewer.html has no such element */
function find<E extends Element>(id: string, kind: Constructor<E>): E {
  const element = document.getElementById(id);
  if (!(element instanceof kind)) throw new Error(`the page lacks #${id}`);
  return element;
}
const button = (id: string): HTMLButtonElement => find(id, HTMLButtonElement);

/** Everything of viewer.html that changes. */
export const elements = {
  player: find('player', HTMLElement),
  video: find('video', HTMLVideoElement),
  state: find('state', HTMLElement),
  spinner: find('spinner', HTMLElement),
  cardTitle: find('card-title', HTMLElement),
  cardText: find('card-text', HTMLElement),
  login: find('login', HTMLFormElement),
  password: find('password', HTMLInputElement),
  loginError: find('login-error', HTMLElement),
  volume: find('volume', HTMLInputElement),
  delay: find('delay', HTMLElement),
  reveal: button('reveal'),
  enter: button('enter'),
  again: button('again'),
  big: button('big'),
  play: button('play'),
  mute: button('mute'),
  window: button('window'),
  full: button('full'),
};
