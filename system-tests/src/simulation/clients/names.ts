/** What those are called who take part, and what they ask for. */
export const memberOf = (index: number) => `m${index + 1}`;
export const nameOf = (member: string) => `Name-of-${member}`;
export const emailOf = (member: string) => `${member}@example.org`;
export const titleOf = (no: number) => `Title ${no}`;

/** Names are for people, and go no further than bodies. */
export function isPersonal(text: string): boolean {
  return text.includes(nameOf('')) || text.includes(emailOf(''));
}
