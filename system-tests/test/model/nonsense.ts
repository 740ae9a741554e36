/** What is turned away at the edge whatever the state of the library, with the code of its problem. */
export const NONSENSE: readonly { readonly path: string; readonly body: unknown; readonly code: string }[] = [
  { path: '/rental-cards/jenny/rentals', body: {}, code: 'invalid-input' },
  {
    path: '/rental-cards/jenny/rentals',
    body: { memberName: 'j', item: { no: 0, title: 't' } },
    code: 'invalid-input',
  },
  { path: '/rental-cards/jenny/returns', body: { item: { no: '1' } }, code: 'invalid-input' },
  { path: '/rental-cards/jenny/returns', body: { item: { no: { $gt: 0 } } }, code: 'invalid-input' },
  { path: '/rental-cards/%20/returns', body: { item: { no: 1 } }, code: 'invalid-input' },
  { path: '/rental-cards/jenny/clearances', body: { points: 0 }, code: 'invalid-input' },
  { path: '/rental-cards/jenny/clearances', body: { points: 10, fee: 0 }, code: 'unknown-field' },
  { path: '/members', body: { id: 'minsu', name: 'm', email: 'm@example.org', points: 99 }, code: 'unknown-field' },
  { path: '/members/jenny/adjustments', body: { points: -1, reason: 'r', actor: 'a' }, code: 'invalid-input' },
  { path: '/books', body: { title: 'only a title' }, code: 'invalid-input' },
];
