import { EngineProcess, EngineStartError } from './engine-process';
import type { EngineProcessOptions } from './engine-process';
import { terminalLine } from './log-line';
import { watchStarter } from './starter-watch';

export interface SuperviseOptions extends EngineProcessOptions {
  /** the whole log on stderr (headless), or only what a person at a terminal needs */
  readonly isLogWhole: boolean;
  /** called when it is ready, and again when it came back with another address */
  readonly onReady: (uiUrl: string, rtmpUrl: string | null) => void;
}

const sayTo = (stream: NodeJS.WriteStream, text: string): void => void stream.write(`${text}\n`);

/** Hands on what an engine says, and says when it has to be started again. */
export function printEngine(engine: EngineProcess, isLogWhole: boolean): void {
  engine.events.on('outputLine', (line) => sayTo(process.stdout, line));
  engine.events.on('stderrLine', (line) => {
    const text = isLogWhole ? line : terminalLine(line);
    if (text !== undefined) sayTo(process.stderr, text);
  });
  engine.events.on('state', (state) => {
    if (state.state === 'waiting')
      sayTo(
        process.stderr,
        `${state.reason.replace(/[^.!?]$/, '$&.')} Starting it again in ${(state.delayMs / 1000).toFixed(1)} s.`,
      );
  });
}

/**
 * Runs one supervised engine in this process until it ends for good or a signal asks for the end.
 * @returns the exit code: the engine's own 2 for a mistake that a person can mend, 1 when it cannot be kept alive
 */
export async function superviseEngine(options: SuperviseOptions): Promise<number> {
  const engine = new EngineProcess(options);
  let shown = '';
  printEngine(engine, options.isLogWhole);
  engine.events.on('state', (state) => {
    if (state.state !== 'running' || shown === state.ready.uiUrl) return;
    shown = state.ready.uiUrl;
    options.onReady(state.ready.uiUrl, state.ready.rtmpUrl);
  });

  let wasAsked = false;
  const onSignal = (): void => {
    // The second one is from somebody who will not wait.
    if (wasAsked) engine.kill();
    wasAsked = true;
    void engine.stop();
  };
  const unwatch = watchStarter(() => {
    if (!wasAsked) onSignal();
  });
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, onSignal);
  try {
    await engine.start();
    const { exitCode, reason } = await engine.ended;
    if (reason) sayTo(process.stderr, reason);
    return exitCode;
  } catch (error) {
    if (wasAsked) return 0;
    if (!(error instanceof EngineStartError)) throw error;
    // The engine's own sentence is the last line already.
    if (error.exitCode !== 2) sayTo(process.stderr, error.message);
    return error.exitCode;
  } finally {
    unwatch();
    await engine.stop();
    for (const signal of signals) process.off(signal, onSignal);
  }
}
