// @ts-check
// The laws as one piece of ESLint configuration, so that the test can run them without type information.
import { house } from './house.mjs';

const sources = ['electron/**/*.ts', 'renderer/**/*.{ts,tsx}', 'shared/**/*.ts', 'test/**/*.{ts,tsx}'];

/** @type {import('eslint').Linter.Config[]} */
export const laws = [
  {
    name: 'house/laws',
    files: sources,
    plugins: { house: /** @type {any} */ (house) },
    // No comment switches a law off: a law that is wrong is changed here, for all.
    linterOptions: { noInlineConfig: true },
    rules: {
      'house/imports': 'error',
      'house/file-name': 'error',
      'house/type-names': 'error',
      // Law 5: a file has one noun; past 400 lines it is split by meaning, not by length.
      'max-lines': ['error', { max: 400 }],
      'no-restricted-syntax': [
        'error',
        {
          selector: 'TSEnumDeclaration',
          message: 'No enums: a union of literals needs no code and narrows by itself.',
        },
        {
          selector: 'TSModuleDeclaration[kind="namespace"]',
          message: 'No namespaces: a file is the namespace.',
        },
        {
          selector: 'ExportDefaultDeclaration',
          message: 'No default exports: a thing has one name, the same everywhere it is imported.',
        },
        { selector: 'TSAnyKeyword', message: 'No any: unknown, and a check where it enters.' },
      ],
    },
  },
  // A declaration file describes somebody else's module as it is.
  { name: 'house/declarations', files: ['**/*.d.ts'], rules: { 'no-restricted-syntax': 'off' } },
];
