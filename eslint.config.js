/**
 * Lint rules. Style is Prettier's business; these are about meaning: types that say what they hold,
 * arrows between rooms, and a simulator that no clock or chance from outside can reach.
 */
import js from '@eslint/js';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';
import { importArrows } from './test/lint/import-arrows.mjs';

const house = { rules: { 'import-arrows': importArrows } };

/** What would make a run depend on the machine or on the moment. */
const FOREIGN_GLOBALS = [
  'fetch',
  'process',
  'window',
  'document',
  'navigator',
  'performance',
  'crypto',
  'localStorage',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'requestAnimationFrame',
  'Buffer',
  'console',
  'require',
].map((name) => ({ name, message: 'core is pure: it runs the same everywhere.' }));

const OPEN_EXTERNAL = {
  selector: "MemberExpression[property.name='openExternal']",
  message: 'Links leave the app through electron/main/open-external.ts alone.',
};

export default ts.config(
  { ignores: ['node_modules/', 'dist/', 'test/output/'] },
  js.configs.recommended,
  {
    languageOptions: { globals: globals.node },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    plugins: { house },
    rules: {
      'house/import-arrows': 'error',
      'no-restricted-syntax': ['error', OPEN_EXTERNAL],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
    },
  },
  {
    files: ['**/*.ts'],
    extends: [ts.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: {
        // The page has types of its own (DOM, no Node), hence two projects.
        project: ['tsconfig.json', 'tsconfig.renderer.json'],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': [
        'error',
        { fixStyle: 'inline-type-imports', disallowTypeAnnotations: false },
      ],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_' },
      ],
      // Numbers read well in templates, and that is where most of ours go.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // `return refuse(...)` says that the work is done, in one line.
      '@typescript-eslint/no-confusing-void-expression': 'off',
      // Index types are checked (noUncheckedIndexedAccess); a cast then says "I know it is there".
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/non-nullable-type-assertion-style': 'off',
      '@typescript-eslint/prefer-readonly': 'error',
      // It does not see that a call may change a field, and calls such checks unnecessary.
      '@typescript-eslint/no-unnecessary-condition': 'off',
      // Plain rows and argument objects are spread all over; the rule mistakes them for instances.
      '@typescript-eslint/no-misused-spread': 'off',
    },
  },
  {
    files: ['**/*.js', '**/*.mjs'],
    extends: [ts.configs.disableTypeChecked],
  },
  {
    files: ['**/*.svelte'],
    extends: [ts.configs.strict, svelte.configs.recommended],
    languageOptions: {
      globals: globals.browser,
      parserOptions: { parser: ts.parser, extraFileExtensions: ['.svelte'] },
    },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      'svelte/no-at-html-tags': 'error',
      // State is replaced, not mutated; sets and maps inside a function are plain ones.
      'svelte/prefer-svelte-reactivity': 'off',
      // TypeScript knows what is defined.
      'no-undef': 'off',
    },
  },
  { files: ['renderer/**/*.ts'], languageOptions: { globals: globals.browser } },
  {
    files: ['core/**/*.ts'],
    ignores: ['**/*.test.ts'],
    rules: {
      'no-restricted-globals': ['error', ...FOREIGN_GLOBALS],
      'no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random', message: 'Draw from a seeded stream.' },
        { object: 'Date', property: 'now', message: 'Use the virtual clock.' },
      ],
      'no-restricted-syntax': [
        'error',
        OPEN_EXTERNAL,
        { selector: "NewExpression[callee.name='Date']", message: 'Use the virtual clock.' },
      ],
    },
  },
  {
    files: ['electron/main/open-external.ts'],
    rules: { 'no-restricted-syntax': 'off' },
  },
);
