// breaks express-in-its-place
import helmet from 'helmet';

export const secured = helmet;
