// @ts-check
import { fileURLToPath } from 'node:url';

/** the project's folder, without a trailing separator */
export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/[\\/]$/, '');
