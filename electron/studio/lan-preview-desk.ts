import type { LanPreviewSettings, LanPreviewView, LanStats } from '../../shared/contract/lan-preview';
import { BaseComponent } from '../streaming/lib/component';
import { StudioError } from '../streaming/lib/errors';
import type { Logger } from '../streaming/lib/logger';
import { Turns } from '../streaming/lib/turns';
import { LanPreview } from '../streaming/lan-preview/lan-preview';
import { ownAddresses, pageUrl } from '../streaming/lan-preview/local-network';
import { LanPassword } from './lan-password';
import type { Notices } from './notices';
import type { StudioState } from './state';
import type { StudioOptions } from './studio-options';

/** addresses come and go with networks; a look costs well below a millisecond */
const lookEveryMs = 2000;

/** of the studio's */
type Options = Pick<StudioOptions, 'engine' | 'dataFolder' | 'programUrl' | 'lanPassword' | 'logger'>;

/** The preview for the local network as the studio has it: on or off as settings say, its password, and what clients see. */
export class LanPreviewDesk extends BaseComponent {
  readonly #options: Options;
  readonly #logger: Logger;
  readonly #state: StudioState;
  readonly #notices: Notices;
  readonly #statistics: { lanPreview(stats: LanStats): void };
  readonly #password: LanPassword;
  readonly #turns = new Turns();
  #preview: LanPreview | null = null;
  #timer: NodeJS.Timeout | undefined;
  #unfollow: () => void = () => undefined;

  /** @param statistics take what viewers cost */
  constructor(
    options: Options,
    state: StudioState,
    notices: Notices,
    statistics: { lanPreview(stats: LanStats): void },
  ) {
    super();
    this.#options = options;
    this.#logger = options.logger.child({ part: 'lan-preview' });
    this.#state = state;
    this.#notices = notices;
    this.#statistics = statistics;
    this.#password = new LanPassword(options.dataFolder.file('lan-preview.json'));
  }

  /** of its process; undefined while there is none */
  get pid(): number | undefined {
    return this.#preview?.pid;
  }

  /** @throws StudioError `lan-password-missing`: it is to be on, and anybody could watch */
  check({ isOn }: LanPreviewSettings): void {
    if (isOn && !this.#password.record) throw new StudioError('lan-password-missing', {});
  }

  /** Whoever watches has to log in again. @throws StudioError `lan-password-unsaved` */
  async setPassword(password: string): Promise<void> {
    await this.#turns.take(() => this.#password.set(password));
    this.#notices.clear('lan-password-unreadable');
    this.#look();
  }

  protected async onStart(): Promise<void> {
    const { engine, lanPassword } = this.#options;
    const error = this.#password.load();
    if (lanPassword !== undefined) await this.#password.use(lanPassword);
    else if (error) this.#notices.add(error.toWire(), 'warning');
    // Who asks for it on the command line is told there.
    if (engine.given.lanPreview) this.check(engine.given.lanPreview);
    this.#timer = setInterval(() => this.#tell(), lookEveryMs);
    this.#unfollow = this.#state.onChanged(({ slice }) => {
      if (slice === 'settings') this.#look();
    });
    await this.#turns.take(() => this.#apply());
  }

  protected async onStop(): Promise<void> {
    clearInterval(this.#timer);
    this.#unfollow();
    await this.#turns.over();
    await this.#preview?.stop();
  }

  /** as they are in effect */
  get #settings(): LanPreviewSettings {
    return this.#state.snapshot.settings.lanPreview;
  }

  #look(): void {
    void this.#turns.take(() => this.#apply());
  }

  async #apply(): Promise<void> {
    if (this.lifetime.aborted) return;
    const { programUrl } = this.#options;
    const { isOn, port, address: host } = this.#settings;
    const password = this.#password.record;
    if (!isOn || !password) {
      await this.#preview?.stop();
      this.#preview = null;
      return this.#tell();
    }
    const wish = { host, port, programUrl, password };
    if (this.#preview) this.#preview.wish = wish;
    else {
      this.#preview = new LanPreview({ wish, logger: this.#logger });
      this.#preview.events.on('changed', () => this.#tell());
      await this.#preview.start();
    }
    this.#tell();
  }

  #tell(): void {
    const view = this.#view();
    this.#state.set('lanPreview', view);
    if (this.#preview) this.#statistics.lanPreview(this.#preview.stats);
    if (view.error) this.#notices.add(view.error, 'warning');
    for (const code of ['lan-port-in-use', 'lan-preview-down', 'lan-password-missing'] as const)
      if (view.error?.code !== code) this.#notices.clear(code);
  }

  #view(): LanPreviewView {
    const { isOn, address: chosen } = this.#settings;
    const hasPassword = this.#password.record !== null;
    const addresses = ownAddresses();
    const base = { hasPassword, addresses, urls: [], viewers: 0, error: null };
    if (isOn && !hasPassword)
      return { ...base, state: 'failed', error: { code: 'lan-password-missing', details: {} } };
    if (!this.#preview) return { ...base, state: 'off' };
    const { state, stats } = this.#preview;
    if (state.state === 'failed') return { ...base, state: 'failed', error: state.error };
    if (state.state === 'starting') return { ...base, state: 'starting' };
    const open = chosen === null ? addresses.map(({ address }) => address) : [chosen];
    return {
      ...base,
      state: 'on',
      urls: open.map((address) => pageUrl(address, state.port)),
      viewers: stats.viewers,
    };
  }
}
