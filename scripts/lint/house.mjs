// @ts-check
// The laws of the house that no ready-made rule knows. Each message says why, for whoever meets it first.
import { isBuiltin } from 'node:module';
import { basename, posix, relative, sep } from 'node:path';
import { zones } from './zones.mjs';

/** @typedef {import('eslint').Rule.RuleModule} RuleModule */

/** @param {import('eslint').Rule.RuleContext} context the file's path from the root, with forward slashes */
const pathOf = (context) => relative(context.cwd, context.filename).split(sep).join('/');

/** @type {RuleModule} */
const imports = {
  meta: {
    type: 'problem',
    schema: [],
    messages: { forbidden: '{{zone}} must not import {{target}}: {{because}}' },
  },
  create(context) {
    const path = pathOf(context);
    const zone = zones.find(({ files }) => files.test(path));
    if (!zone) return {};

    /** @param {string} name @param {boolean} isTypeOnly */
    const isAllowed = (name, isTypeOnly) => {
      if (!name.startsWith('.'))
        return zone.mayUse.test(isBuiltin(name) ? `node:${name.replace(/^node:/, '')}` : name);
      const target = posix.join(posix.dirname(path), name);
      const isOwn = zone.files.test(target) || zone.files.test(`${target}.ts`);
      return (
        isOwn || zone.mayImport.test(target) || (isTypeOnly && (zone.mayImportTypes?.test(target) ?? false))
      );
    };
    /** @param {any} source the node of the module's name @param {boolean} [isTypeOnly] */
    const check = (source, isTypeOnly = false) => {
      if (typeof source?.value !== 'string' || isAllowed(source.value, isTypeOnly)) return;
      const data = { zone: zone.name, target: `'${source.value}'`, because: zone.because };
      context.report({ node: source, messageId: 'forbidden', data });
    };
    return /** @type {any} */ ({
      ImportDeclaration: (/** @type {any} */ node) => check(node.source, node.importKind === 'type'),
      ExportNamedDeclaration: (/** @type {any} */ node) => check(node.source, node.exportKind === 'type'),
      ExportAllDeclaration: (/** @type {any} */ node) => check(node.source, node.exportKind === 'type'),
      ImportExpression: (/** @type {any} */ node) => check(node.source),
      TSImportType: (/** @type {any} */ node) => check(node.source ?? node.argument?.literal, true),
      'CallExpression[callee.name=/^(require|createRequire)$/]': (/** @type {any} */ node) =>
        check(node.arguments[0]),
    });
  },
};

/** @type {RuleModule} */
const fileName = {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      kebab: "'{{name}}' is not kebab-case: file names are lower case words joined by '-', one noun a file.",
    },
  },
  create(context) {
    const name = basename(context.filename);
    return {
      Program(node) {
        if (/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9-]+)*$/.test(name)) return;
        context.report({ node, messageId: 'kebab', data: { name } });
      },
    };
  },
};

/** @type {RuleModule} */
const typeNames = {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      vague: "'{{name}}' says nothing: name the noun, not that something is managed, helped or used.",
      prefix: "'{{name}}': interfaces carry no I; the name says what it is.",
    },
  },
  create(context) {
    const check = (/** @type {any} */ node) => {
      const name = node.id?.name;
      if (typeof name !== 'string') return;
      if (/(Manager|Helper|Util|Utils)$/.test(name))
        context.report({ node: node.id, messageId: 'vague', data: { name } });
      if (node.type === 'TSInterfaceDeclaration' && /^I[A-Z][a-z]/.test(name))
        context.report({ node: node.id, messageId: 'prefix', data: { name } });
    };
    return /** @type {any} */ ({
      ClassDeclaration: check,
      TSInterfaceDeclaration: check,
      TSTypeAliasDeclaration: check,
    });
  },
};

export const house = { rules: { imports, 'file-name': fileName, 'type-names': typeNames } };
