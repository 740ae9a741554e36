/** One event of a stream, as it came. */
export interface StreamedEvent {
  readonly id?: string;
  readonly data: string;
}

/** Reads a `text/event-stream`. An event that is not complete when the stream ends is none. */
export async function* parseEvents(stream: AsyncIterable<Uint8Array>): AsyncGenerator<StreamedEvent> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const bytes of stream) {
    rest += decoder.decode(bytes, { stream: true });
    const blocks = rest.split(/\r?\n\r?\n/);
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const event = eventIn(block);
      if (event) yield event;
    }
  }
}

/** Undefined for a comment, or a block that only says how soon to come back. */
function eventIn(block: string): StreamedEvent | undefined {
  const fields = block.split(/\r?\n/).map((line) => /^(\w+): ?(.*)$/.exec(line)?.slice(1) ?? []);
  const valuesOf = (name: string) => fields.filter(([field]) => field === name).map(([, value = '']) => value);
  const [data, id] = [valuesOf('data'), valuesOf('id').at(-1)];
  if (data.length === 0) return undefined;
  return { data: data.join('\n'), ...(id === undefined ? {} : { id }) };
}
