import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { drawingOf } from '@library/shared-kernel/saga/drawing';
import { RENTAL_SAGAS } from '../../../src/application/sagas/rental-sagas';

const folder = join(__dirname, '../../../../docs/sagas');
const fileOf = (type: string) => `${type.toLowerCase()}.md`;

describe('The pages about the sagas (`npm run docs` draws them)', () => {
  it.each(RENTAL_SAGAS)('say of $type what its definition says', (definition) => {
    expect(readFileSync(join(folder, fileOf(definition.type)), 'utf8')).toBe(drawingOf(definition));
  });

  it('are there for the sagas that there are', () => {
    expect(readdirSync(folder).toSorted()).toEqual(RENTAL_SAGAS.map(({ type }) => fileOf(type)).toSorted());
  });
});
