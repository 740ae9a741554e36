import { parseEvents } from '@library/standalone/cli/sse';

async function eventsIn(...chunks: readonly (string | Uint8Array)[]) {
  async function* stream() {
    for (const chunk of chunks) yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
  }
  const events = [];
  for await (const event of parseEvents(stream())) events.push(event);
  return events;
}

describe('a stream of events', () => {
  it('is read event by event, whatever pieces it comes in', async () => {
    const text = 'retry: 1000\n\nid: 0\ndata: {"n":0}\n\n:\n\nid: 1\ndata: {"title":"토지"}\n\n';
    const expected = [
      { id: '0', data: '{"n":0}' },
      { id: '1', data: '{"title":"토지"}' },
    ];

    expect(await eventsIn(text)).toStrictEqual(expected);
    expect(await eventsIn(...Array.from(Buffer.from(text), (byte) => Uint8Array.of(byte)))).toStrictEqual(expected);
  });

  it('may have events without an id, with more than one line, and lines that end in CRLF', async () => {
    expect(await eventsIn('data: one\r\ndata: two\r\n\r\n')).toStrictEqual([{ data: 'one\ntwo' }]);
  });

  it('does not give what was cut off', async () => {
    expect(await eventsIn('id: 0\ndata: 0\n\nid: 1\ndata: 1\n')).toStrictEqual([{ id: '0', data: '0' }]);
  });
});
