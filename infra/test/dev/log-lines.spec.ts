import { lineOf, understood } from '@library/infra/dev/log-lines';
import type { Said } from '@library/infra/dev/log-lines';

const NOON = new Date(2026, 10, 21, 12, 0, 0);
const AT_NINE = new Date(2026, 10, 21, 9, 5, 7).getTime();

const plain = (said: Said, speaker = 'book-service') => lineOf(speaker, said, NOON, false);
const coloured = (speaker: string, level: Said['level']) =>
  lineOf(speaker, { level, message: 'x', detail: 'y' }, NOON, true);
const pino = (fields: object) => JSON.stringify({ level: 30, time: AT_NINE, service: 'book-service', ...fields });

describe('a line of a log that many write into', () => {
  it('says when, who and what, in columns', () => {
    const said = understood(pino({ msg: 'Everything is there' }));

    expect(plain(said)).toBe('09:05:07 book-service     Everything is there');
    expect(plain(said, 'bestbook-service')).toBe('09:05:07 bestbook-service Everything is there');
  });

  it('takes what is no JSON as it is, and the time from the clock', () => {
    expect(plain(understood('The port is taken.'))).toBe('12:00:00 book-service     The port is taken.');
    expect(plain(understood('{"level":30'))).toBe('12:00:00 book-service     {"level":30');
    expect(plain(understood('{"no":"log line"}'))).toBe('12:00:00 book-service     {"no":"log line"}');
  });

  it('adds what went with it, without what is told already', () => {
    const said = understood(pino({ msg: 'Refused', code: 'store-unreachable', tries: 3, place: { partition: 1 } }));

    expect(plain(said)).toBe(
      '09:05:07 book-service     Refused (code=store-unreachable tries=3 place={"partition":1})',
    );
  });

  it('tells the cause of a warning in its sentence, and that of an error to the end', () => {
    const err = { message: 'No answer.', stack: 'Fault: No answer.\n    at change (records.ts:7)' };
    const warned = understood(pino({ level: 40, msg: 'It is tried again', err }));
    const failed = understood(pino({ level: 50, msg: 'It is given up', err }));

    expect(plain(warned)).toBe('09:05:07 book-service     warn: It is tried again (No answer.)');
    expect(plain(failed).split('\n')).toEqual([
      '09:05:07 book-service     error: It is given up (No answer.)',
      '                          Fault: No answer.',
      '                              at change (records.ts:7)',
    ]);
  });

  it('has a colour for each service where the terminal has colours, and for what is wrong', () => {
    expect(coloured('book-service', 'info')).toBe(
      '\u001b[2m12:00:00\u001b[0m \u001b[35mbook-service    \u001b[0m x \u001b[2m(y)\u001b[0m',
    );
    expect(coloured('dev', 'warn')).toContain('\u001b[33mwarn: x\u001b[0m');
    expect(coloured('dev', 'error')).toContain('\u001b[31merror: x\u001b[0m');
    const names = ['rental-service', 'book-service', 'member-service', 'bestbook-service', 'dev'];
    expect(new Set(names.map((name) => coloured(name, 'info').split(' ')[1]!.slice(0, 5))).size).toBe(5);
  });

  it('lets nothing through that would steer the terminal', () => {
    expect(plain(understood(pino({ msg: 'a\u001b[2Jb' })))).toBe('09:05:07 book-service     a\\u001b[2Jb');
  });
});
