'use strict';

const { mkdirSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { drawingOf } = require('@library/shared-kernel/saga/drawing');
const { RENTAL_SAGAS } = require('@library/rental-service/application/sagas/rental-sagas');

/** Draws every saga from its definition into docs/sagas. A spec fails while a page says something else than its definition. */
const folder = join(__dirname, '..', 'docs', 'sagas');

mkdirSync(folder, { recursive: true });
for (const definition of RENTAL_SAGAS) {
  writeFileSync(join(folder, `${definition.type.toLowerCase()}.md`), drawingOf(definition));
}
