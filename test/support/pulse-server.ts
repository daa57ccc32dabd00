import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Child } from '../../electron/streaming/lib/child';
import { programPath } from './requires';
import { waitFor } from './wait-for';

const run = promisify(execFile);

/** A PulseAudio of its own, without any real device: sinks are made and taken away as tests want. */
export class PulseServer {
  readonly #folder: string;
  readonly #child: Child;
  /** sink name → index of the module that is it */
  readonly #modules = new Map<string, string>();

  private constructor(folder: string) {
    this.#folder = folder;
    this.#child = new Child({
      command: programPath('pulseaudio'),
      args: [
        ...['-n', '--daemonize=no', '--use-pid-file=false', '--exit-idle-time=-1'],
        ...['-L', `module-native-protocol-unix socket=${join(folder, 'socket')} auth-anonymous=1`],
      ],
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, HOME: folder, XDG_RUNTIME_DIR: folder, XDG_CONFIG_HOME: folder },
    });
  }

  static async start(): Promise<PulseServer> {
    const server = new PulseServer(await mkdtemp(join(tmpdir(), 'pulse-')));
    await waitFor(
      () =>
        server.#control('info').then(
          () => true,
          () => false,
        ),
      'PulseAudio answers',
    );
    return server;
  }

  /** for `PULSE_SERVER` */
  get address(): string {
    return `unix:${join(this.#folder, 'socket')}`;
  }

  async addSink(name: string): Promise<void> {
    const index = await this.#control('load-module', 'module-null-sink', `sink_name=${name}`, 'rate=48000');
    this.#modules.set(name, index.trim());
  }

  /** A microphone that hears what is played to this sink. @param description what people call it */
  async addMicrophone(name: string, description: string, sink: string): Promise<void> {
    await this.#control(
      ...['load-module', 'module-remap-source', `master=${sink}.monitor`, `source_name=${name}`],
      `source_properties='device.description="${description}"'`,
    );
  }

  async removeSink(name: string): Promise<void> {
    await this.#control('unload-module', this.#modules.get(name) ?? '');
  }

  /** A sine on both sides, until `stop`. @param amplitude 0…1 */
  play(sink: string, frequencyHz: number, amplitude: number): Child {
    const wave = `${amplitude}*sin(2*PI*${frequencyHz}*t)`;
    return new Child({
      command: programPath('ffmpeg'),
      args: [
        ...['-v', 'error', '-nostdin', '-re', '-f', 'lavfi', '-i', `aevalsrc=${wave}|${wave}:s=48000`],
        ...['-f', 'pulse', '-device', sink, 'tone'],
      ],
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, PULSE_SERVER: this.address },
    });
  }

  async stop(): Promise<void> {
    await this.#child.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #control(...args: string[]): Promise<string> {
    const env = { ...process.env, PULSE_SERVER: this.address };
    return (await run(programPath('pactl'), args, { env })).stdout;
  }
}
