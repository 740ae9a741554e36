import { book } from '../../book-service/src/composition-root';
import { library } from '../../standalone/src/composition-root';

export const journey = [book, library];
