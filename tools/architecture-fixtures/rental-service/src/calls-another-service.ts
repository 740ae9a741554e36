// breaks services-meet-on-the-wire
import { book } from '../../book-service/src/composition-root';

export const called = book;
