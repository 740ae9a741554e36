// breaks express-in-its-place
import type { Request } from 'express';

export type Named = Request;
