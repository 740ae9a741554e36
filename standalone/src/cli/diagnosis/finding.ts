/** One thing that was looked at: how it is, and, unless it is well, what to do. */
export interface Finding {
  readonly what: string;
  readonly state: 'ok' | 'warn' | 'bad';
  readonly says: string;
  readonly advice?: string;
}

export function ok(what: string, says: string): Finding {
  return { what, state: 'ok', says };
}

export function warn(what: string, says: string, advice: string): Finding {
  return { what, state: 'warn', says, advice };
}

export function bad(what: string, says: string, advice: string): Finding {
  return { what, state: 'bad', says, advice };
}
