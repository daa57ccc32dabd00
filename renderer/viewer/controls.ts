import { elements } from './elements';
import { icon } from './icons';
import type { IconName } from './icons';

const { player, video, big, play, mute, volume, full, window: pictureWindow, delay } = elements;
const idleMs = 3000;
/** further behind than this after a pause is not live any more */
const behindSec = 3;

/** The player's buttons, keys and what they say. */
export function connectControls(): void {
  for (const event of ['play', 'pause', 'volumechange', 'enterpictureinpicture', 'leavepictureinpicture'])
    video.addEventListener(event, show);
  document.addEventListener('fullscreenchange', show);
  play.onclick = togglePlay;
  mute.onclick = () => (video.muted = !video.muted);
  big.onclick = () => {
    video.muted = false;
    if (video.paused) goLive();
  };
  volume.oninput = () => {
    video.volume = Number(volume.value) / 100;
    video.muted = video.volume === 0;
  };
  full.hidden = !document.fullscreenEnabled;
  full.onclick = () => void toggleFull();
  pictureWindow.hidden = !document.pictureInPictureEnabled;
  pictureWindow.onclick = () => void togglePictureWindow();
  video.onclick = wake;
  video.ondblclick = () => void toggleFull();
  document.addEventListener('keydown', onKey);
  for (const event of ['pointermove', 'pointerdown', 'keydown']) document.addEventListener(event, wake);
  setInterval(showDelay, 1000);
  wake();
  show();
}

/** A browser that plays nothing without a tap, or with sound off, has one big button for that. */
export function show(): void {
  const isSilent = video.muted || video.volume === 0;
  label(play, video.paused ? 'play' : 'pause', video.paused ? 'Play' : 'Pause');
  label(mute, isSilent ? 'silence' : 'sound', isSilent ? 'Sound on' : 'Sound off');
  label(
    full,
    document.fullscreenElement ? 'small' : 'full',
    document.fullscreenElement ? 'Leave full screen' : 'Full screen',
  );
  label(pictureWindow, 'window', 'Picture in picture');
  big.hidden = player.dataset['screen'] !== 'picture' || !(video.paused || video.muted);
  const words = video.paused ? 'Play' : 'Tap for sound';
  if (big.textContent !== words) big.replaceChildren(icon(video.paused ? 'play' : 'silence'), words);
  volume.value = String(Math.round((video.muted ? 0 : video.volume) * 100));
}

function label(button: HTMLButtonElement, name: IconName, words: string): void {
  if (button.ariaLabel === words && button.firstElementChild) return;
  button.ariaLabel = words;
  button.title = words;
  button.replaceChildren(icon(name));
}

const edgeSec = (): number => (video.buffered.length > 0 ? video.buffered.end(video.buffered.length - 1) : 0);

/** From where the program is now: nobody wants to see the pause. */
function goLive(): void {
  if (edgeSec() - video.currentTime > behindSec) video.currentTime = edgeSec() - 0.5;
  void video.play().catch(show);
}

function togglePlay(): void {
  if (video.paused) goLive();
  else video.pause();
}

async function toggleFull(): Promise<void> {
  if (!document.fullscreenEnabled) return;
  await (document.fullscreenElement ? document.exitFullscreen() : player.requestFullscreen());
}

async function togglePictureWindow(): Promise<void> {
  await (document.pictureInPictureElement
    ? document.exitPictureInPicture()
    : video.requestPictureInPicture());
}

function onKey(event: KeyboardEvent): void {
  const isForElement = event.target instanceof HTMLInputElement || event.target instanceof HTMLButtonElement;
  if (isForElement || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === ' ') togglePlay();
  else if (event.key === 'm') video.muted = !video.muted;
  else if (event.key === 'f') void toggleFull();
  else return;
  event.preventDefault();
}

let idle: ReturnType<typeof setTimeout> | undefined;
function wake(): void {
  delete player.dataset['idle'];
  clearTimeout(idle);
  idle = setTimeout(() => (player.dataset['idle'] = ''), idleMs);
}

function showDelay(): void {
  const behind = edgeSec() - video.currentTime;
  const isTelling = player.dataset['screen'] === 'picture' && !video.paused && behind >= 0;
  delay.textContent = isTelling ? `${behind.toFixed(1)} s buffered` : '';
}
