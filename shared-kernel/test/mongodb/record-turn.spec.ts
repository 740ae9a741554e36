import type { StoredRecord } from '../../src/mongodb/record-document';
import { RecordTurn } from '../../src/mongodb/record-turn';
import type { Tally } from '../../src/testing/tally';

const empty = { body: undefined, waiting: [], leaving: [], entries: [] };

/** What becomes of a change that has sent its write on top of version 3, and has had no answer, when this is found. */
function tell(found: StoredRecord) {
  const told = { resolve: jest.fn(), reject: jest.fn() };
  const turn = new RecordTurn<Tally>('a', [{ about: [], decide: () => 0, ...told }]);
  turn.try('4:mine', 3, [{ answer: 'mine' }]);
  return { isTold: turn.tellIfStored(found), told };
}

describe('A change whose answer was lost, when the record', () => {
  it('remembers it, is answered by it', () => {
    const { isTold, told } = tell({ ...empty, version: 5, commits: ['4:mine', '5:other'] });

    expect(isTold).toBe(true);
    expect(told.resolve).toHaveBeenCalledWith('mine');
  });

  it('remembers all and not it, is tried again', () => {
    expect(tell({ ...empty, version: 5, commits: ['4:other', '5:other'] }).isTold).toBe(false);
  });

  it.each([
    ['was changed by an earlier release since, which has forgotten it', ['4', ':', 'm', '5:old', '5:']],
    ['was changed by an earlier release since, and then by others', ['m', '5:old', '5:', '6:other']],
  ])('%s, is not known to be stored [O3]', (_what, commits) => {
    const { isTold, told } = tell({ ...empty, version: 6, commits });

    expect(isTold).toBe(true);
    expect(told.reject).toHaveBeenCalledWith(expect.objectContaining({ code: 'outcome-unknown' }));
  });

  it.each([
    ['is still as an earlier release has left it', ['3:old', '3:']],
    ['was changed by others on top of what an earlier release has left', ['3:old', '3:', '4:other']],
  ])('%s, is tried again', (_what, commits) => {
    expect(tell({ ...empty, version: 4, commits }).isTold).toBe(false);
  });

  it('remembers as many as it can, and none of its time, is not known to be stored', () => {
    const commits = Array.from({ length: 32 }, (_, each) => `${each + 5}:other`);

    expect(tell({ ...empty, version: 36, commits }).told.reject).toHaveBeenCalled();
  });
});
