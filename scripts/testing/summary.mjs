// @ts-check
/**
 * The parts of vitest's JSON report that are counted.
 * @typedef {{ status: string, fullName: string }} TestEntry
 * @typedef {{ name: string, status: string, message?: string, assertionResults: TestEntry[] }} FileEntry
 * @typedef {{ testResults: FileEntry[] }} Report
 * @typedef {{ passed: number, failed: number, skipped: string[], isGreen: boolean, problems: string[] }} Summary
 */

/**
 * Adds up a run. A file that could not be loaded is a failure, so are an error outside any test, an empty run and,
 * with `isSkipFailure` (CI), a skipped test.
 * @param {Report | undefined} report undefined: vitest ended before it could write one
 * @param {{ exitCode: number, isSkipFailure: boolean, relativeTo?: string }} options
 * @returns {Summary}
 */
export function summarise(report, { exitCode, isSkipFailure, relativeTo = '' }) {
  let passed = 0;
  let failed = 0;
  /** @type {string[]} */
  const skipped = [];
  /** @type {string[]} */
  const problems = [];
  for (const file of report?.testResults ?? []) {
    const name = file.name.startsWith(relativeTo) ? file.name.slice(relativeTo.length) : file.name;
    const failedBefore = failed;
    for (const test of file.assertionResults) {
      if (test.status === 'passed') passed += 1;
      else if (test.status === 'failed') failed += 1;
      else skipped.push(`${name}: ${test.fullName}`);
    }
    if (file.status === 'failed' && failed === failedBefore) {
      failed += 1;
      problems.push(`${name} could not be run: ${(file.message ?? '').split('\n')[0] || 'no reason given'}`);
    }
  }
  if (isSkipFailure) {
    failed += skipped.length;
    problems.push(...skipped.map((test) => `skipped, which counts as failed in CI: ${test}`));
  }
  if (exitCode !== 0 && failed === 0) {
    failed += 1;
    problems.push(
      report
        ? `vitest ended with ${exitCode}: an error outside any test`
        : `vitest ended with ${exitCode} and no report`,
    );
  }
  if (passed + failed === 0) problems.push('no test was run');
  return { passed, failed, skipped, problems, isGreen: failed === 0 && passed > 0 };
}
