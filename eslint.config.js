import eslint from '@eslint/js';
import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';
import { laws } from './scripts/lint/laws.mjs';

const typescript = [
  'electron/**/*.ts',
  'renderer/**/*.{ts,tsx}',
  'shared/**/*.ts',
  'test/**/*.{ts,tsx}',
  '*.config.ts',
];

export default tseslint.config(
  // The kernels are AssemblyScript: another language in the same letters, checked by its own compiler.
  { ignores: ['out/', 'dist/', 'node_modules/', '.cache/', 'electron/streaming/composition/kernels/'] },
  eslint.configs.recommended,
  {
    files: typescript,
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // A number in a message is what it looks like.
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      // `() => stop()` where nobody looks at the result reads better than a block.
      '@typescript-eslint/no-confusing-void-expression': 'off',
      // An overridable part may have nothing to do; an `async` of an interface nothing to wait for.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: false }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/return-await': 'off',
      // It does not see that a callback changes a variable, and would have true conditions removed.
      '@typescript-eslint/no-unnecessary-condition': 'off',
      // It takes every function that an object literal or interface declares as a method for one that needs `this`.
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/no-deprecated': [
        'error',
        // The only way to copy where the clipboard API is withheld (a page that is not on a secure origin).
        { allow: [{ from: 'lib', name: 'execCommand' }] },
      ],
      // A variable that a callback reads before it gets its value cannot be a const.
      'prefer-const': ['error', { ignoreReadBeforeAssign: true }],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
    },
  },
  {
    // Byte code reads at indices it has just checked, which noUncheckedIndexedAccess cannot know.
    files: [
      'electron/streaming/{media,rtmp,output,composition,audio}/**/*.ts',
      'renderer/stage/i420-to-rgba.ts',
      'test/**/*.{ts,tsx}',
    ],
    rules: { '@typescript-eslint/no-non-null-assertion': 'off' },
  },
  {
    // vitest's asymmetric matchers (expect.any, expect.stringContaining) are typed as any.
    files: ['test/**/*.{ts,tsx}'],
    rules: { '@typescript-eslint/no-unsafe-assignment': 'off', '@typescript-eslint/no-unsafe-return': 'off' },
  },
  {
    files: ['renderer/**/*.{ts,tsx}'],
    extends: [reactHooks.configs.flat['recommended-latest'] ?? reactHooks.configs.flat.recommended],
  },
  {
    files: ['**/*.{js,mjs}'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        URL: 'readonly',
        Buffer: 'readonly',
        fetch: 'readonly',
        performance: 'readonly',
        AbortController: 'readonly',
        AbortSignal: 'readonly',
        setTimeout: 'readonly',
        clearTimeout: 'readonly',
        setInterval: 'readonly',
        clearInterval: 'readonly',
        setImmediate: 'readonly',
      },
    },
  },
  ...laws,
);
