import { z } from 'zod';

/**
 * Imported before any schema: zod compiles its parsers with `new Function`, which our content security policy forbids
 * (and the browser reports every try).
 */
z.config({ jitless: true });
