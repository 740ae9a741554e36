import { IncomingMessage, ServerResponse, type RequestListener, type ServerOptions } from 'node:http';
import type { Express } from 'express';

/**
 * What a server is to make of each request and its answer, so that both are this app's from the start. Express would change
 * their prototypes when they are made, and V8 unlearns all it knew about an object whose prototype is changed: that costs
 * more than all else that Express and Node do for a request.
 */
export function messageClassesOf(
  app: RequestListener | Express,
): Pick<ServerOptions, 'IncomingMessage' | 'ServerResponse'> {
  if (!isExpress(app)) return {};

  class AppRequest extends IncomingMessage {}
  class AppResponse<Request extends IncomingMessage> extends ServerResponse<Request> {}
  app.request = own(AppRequest.prototype, app.request);
  app.response = own(AppResponse.prototype, app.response);
  return { IncomingMessage: AppRequest, ServerResponse: AppResponse };
}

/** The prototype of a class, which goes on in this one. */
function own<Prototype extends object>(prototype: object, goesOnIn: Prototype): Prototype {
  return Object.setPrototypeOf(prototype, goesOnIn) as Prototype;
}

function isExpress(app: RequestListener | Express): app is Express {
  return 'request' in app && 'response' in app;
}
