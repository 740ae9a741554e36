import { BESTBOOK_SERVICE } from '@library/bestbook-service/composition-root';
import { BOOK_SERVICE } from '@library/book-service/composition-root';
import { MEMBER_SERVICE } from '@library/member-service/composition-root';
import { RENTAL_SERVICE } from '@library/rental-service/composition-root';

/** The services; a participant's name is its role. */
export const ROLES = ['rental', 'book', 'member', 'bestbook'] as const;
export type Role = (typeof ROLES)[number];

const GROUPS: Readonly<Record<string, Role>> = {
  [RENTAL_SERVICE]: 'rental',
  [BOOK_SERVICE]: 'book',
  [MEMBER_SERVICE]: 'member',
  [BESTBOOK_SERVICE]: 'bestbook',
};

/** Whose consumer group this is. */
export function roleOf(group: string): Role {
  const role = GROUPS[group];
  if (!role) throw new Error(`Nobody consumes as ${group}.`);
  return role;
}
