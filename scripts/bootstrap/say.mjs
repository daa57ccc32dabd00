// @ts-check
/** What the user did not cause and cannot read from a stack: shown as one sentence, exit 1. */
export class BootstrapError extends Error {}

/**
 * Progress goes to stderr: stdout belongs to the program that is started.
 * @param {string} text
 */
export const say = (text) => void process.stderr.write(`${text}\n`);

/**
 * Runs one of the commands in `scripts/`; a BootstrapError becomes its sentence.
 * @param {() => Promise<number | void>} command resolves with the exit code (default 0)
 */
export async function runCommand(command) {
  try {
    process.exitCode = (await command()) ?? 0;
  } catch (error) {
    if (!(error instanceof BootstrapError)) throw error;
    say(error.message);
    process.exitCode = 1;
  }
}
