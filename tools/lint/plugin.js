'use strict';

/**
 * A module exports what it declares, and nothing of another module's: a barrel loads everything behind it, so that one
 * import of a name would start Kafka, MongoDB and tracing; and it hides from the reader where a thing comes from.
 */
const noReExports = {
  create(context) {
    const imported = new Set();
    const report = (node) => context.report({ node, message: 'Import this where it is needed; do not re-export it.' });

    return {
      ExportAllDeclaration: report,
      ImportDeclaration({ specifiers }) {
        for (const { local } of specifiers) imported.add(local.name);
      },
      ExportNamedDeclaration(node) {
        if (node.source) report(node);
      },
      // The same in two steps, `import { X } from` and `export { X }`. The import may come last, so this waits.
      'Program:exit'({ body }) {
        for (const { type, source, specifiers } of body) {
          if (type !== 'ExportNamedDeclaration' || source) continue;
          for (const specifier of specifiers) if (imported.has(specifier.local.name)) report(specifier);
        }
      },
    };
  },
};

/**
 * `import('./adapter').Cards` as a type. dependency-cruiser does not see these, so that they would be a way around every
 * architecture rule.
 */
const noInlineImportTypes = {
  create(context) {
    return {
      TSImportType: (node) => context.report({ node, message: 'Use an `import type` at the top of the file.' }),
    };
  },
};

module.exports = {
  meta: { name: 'library' },
  rules: { 'no-re-exports': noReExports, 'no-inline-import-types': noInlineImportTypes },
};
