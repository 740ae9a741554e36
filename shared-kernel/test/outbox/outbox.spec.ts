import { messageOf } from '@library/shared-kernel/testing/tally';
import { Outbox, OUTBOX_LIMIT } from '../../src/outbox/outbox';

const messages = (count: number, prefix = 'm') => Array.from({ length: count }, (_, n) => messageOf(`${prefix}${n}`));
const ids = ({ waiting }: Outbox) => waiting.map(({ id }) => id);

describe('An outbox', () => {
  it('keeps messages in their order, and adds none a second time that still waits', () => {
    const outbox = new Outbox([messageOf('b')]);
    outbox.add(messageOf('a'), messageOf('b'));
    outbox.add({ ...messageOf('a'), expires: 1 });

    expect(outbox.waiting).toEqual([messageOf('b'), messageOf('a')]);
  });

  it('takes a message again that was dropped', () => {
    const outbox = new Outbox([messageOf('a'), messageOf('b')]);
    outbox.drop(new Set(['a', 'unknown']));
    outbox.add(messageOf('a'));

    expect(ids(outbox)).toEqual(['b', 'a']);
  });

  it('stays the identical one when nothing changes', () => {
    const [waiting, leaving] = [messages(2), [{ kind: 'saga', id: 's1', document: {} }]];
    const outbox = new Outbox(waiting, leaving);
    outbox.add(messageOf('m0'));
    outbox.drop(new Set(['unknown']));

    expect(outbox.waiting).toBe(waiting);
    expect(outbox.leaving).toBe(leaving);
  });

  it('is full when too many wait from before, whatever this change adds; archive entries do not count', () => {
    const outbox = new Outbox(messages(OUTBOX_LIMIT - 1));
    outbox.add(...messages(OUTBOX_LIMIT, 'new'));
    outbox.archive({ kind: 'saga', id: 's1', document: {} });
    expect(outbox.full).toBe(false);

    const full = new Outbox(messages(OUTBOX_LIMIT));
    full.add(...messages(5, 'new'));
    expect(full.full).toBe(true);
    full.drop(new Set(['new0']));
    expect(full.full).toBe(true);
    full.drop(new Set(['m0', 'new1']));
    expect(full.full).toBe(false);
  });
});
